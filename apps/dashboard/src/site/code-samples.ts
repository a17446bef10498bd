import type { CodeLanguage } from '../components/code/highlight.ts';

/** One program that makes the same call in one language. */
export type CodeSample = { id: string; label: string; language: CodeLanguage; code: string };

/** A first call to `model`, as a shell line and in the two languages most people start with. `apiUrl` ends in `/api/v1`. */
export function quickstartSamples(call: Call): readonly CodeSample[] {
  return [
    { id: 'curl', label: 'curl', language: 'bash', code: curl(call) },
    { id: 'python', label: 'Python', language: 'python', code: python(call) },
    { id: 'typescript', label: 'TypeScript', language: 'typescript', code: typescript(call) },
  ];
}

/** What every sample needs to know: the address of the API, ending in `/api/v1`, and a model. */
export type Call = { apiUrl: string; model: string };

const curl = ({ apiUrl, model }: Call) => `curl ${apiUrl}/chat/completions \\
  -H "Authorization: Bearer $BOURSE_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "${model}",
    "messages": [{ "role": "user", "content": "What is a bourse?" }]
  }'`;

const python = ({ apiUrl, model }: Call) => `import os
from openai import OpenAI

client = OpenAI(
    base_url="${apiUrl}",
    api_key=os.environ["BOURSE_API_KEY"],
)

completion = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "What is a bourse?"}],
)
print(completion.choices[0].message.content)`;

const typescript = ({ apiUrl, model }: Call) => `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${apiUrl}',
  apiKey: process.env.BOURSE_API_KEY,
});

const completion = await client.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: 'What is a bourse?' }],
});
console.log(completion.choices[0].message.content);`;

/** The same call, answered as it is written. */
export const streamingSample = ({ apiUrl, model }: Call): string => `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${apiUrl}', apiKey: process.env.BOURSE_API_KEY });

const stream = await client.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: 'What is a bourse?' }],
  stream: true,
});

for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  // The last chunk has no choices but the usage, with what the call cost in dollars.
  if (chunk.usage) console.log(chunk.usage);
}`;
