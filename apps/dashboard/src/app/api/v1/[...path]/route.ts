import { env } from '../../../../env.ts';
import { forwardToGateway } from '../../../../site/forward-to-gateway.ts';

export const dynamic = 'force-dynamic';

/** The public API on the site's own host: what comes in goes to the gateway, and its answer comes back as it flows. */
function forward(request: Request): Promise<Response> {
  return forwardToGateway(request, { gatewayUrl: env().BOURSE_GATEWAY_URL, fetch });
}

export {
  forward as DELETE,
  forward as GET,
  forward as HEAD,
  forward as OPTIONS,
  forward as PATCH,
  forward as POST,
  forward as PUT,
};
