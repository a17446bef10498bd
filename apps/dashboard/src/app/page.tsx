import { Button } from '@bourse/ui';

export default function Page() {
  return <Button>hello</Button>;
}
