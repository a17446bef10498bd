import type { Call, CodeSample } from './code-samples.ts';

/** What a model does that does not converse, by what it makes. */
const operations = ['embeddings', 'rerank', 'image', 'speech', 'transcription'] as const;
type OperationModel = (typeof operations)[number];

/** The operation of a model; null for one that writes, whatever else it makes. */
export function operationOf(outputModalities: readonly string[]): OperationModel | null {
  if (outputModalities.includes('text')) return null;
  return operations.find((operation) => outputModalities.includes(operation)) ?? null;
}

type Request = {
  readonly path: string;
  readonly body: (model: string) => string;
  readonly python: (model: string) => string;
  readonly typescript: (model: string) => string;
};

const requests: Readonly<Record<OperationModel, Request>> = {
  embeddings: {
    path: '/embeddings',
    body: (model) => `-H "Content-Type: application/json" \\
  -d '{ "model": "${model}", "input": "What is a bourse?" }'`,
    python: (model) => `answer = client.embeddings.create(model="${model}", input="What is a bourse?")
print(answer.data[0].embedding)`,
    typescript: (
      model,
    ) => `const answer = await client.embeddings.create({ model: '${model}', input: 'What is a bourse?' });
console.log(answer.data[0].embedding);`,
  },
  rerank: {
    path: '/rerank',
    body: (model) => `-H "Content-Type: application/json" \\
  -d '{
    "model": "${model}",
    "query": "What is a bourse?",
    "documents": ["A market for shares.", "A river in France."]
  }'`,
    python: (model) => `answer = client.post(
    "/rerank",
    cast_to=object,
    body={
        "model": "${model}",
        "query": "What is a bourse?",
        "documents": ["A market for shares.", "A river in France."],
    },
)
print(answer)`,
    typescript: (model) => `const answer = await client.post('/rerank', {
  body: {
    model: '${model}',
    query: 'What is a bourse?',
    documents: ['A market for shares.', 'A river in France.'],
  },
});
console.log(answer);`,
  },
  image: {
    path: '/images',
    body: (model) => `-H "Content-Type: application/json" \\
  -d '{ "model": "${model}", "prompt": "A bourse at dawn" }'`,
    python: (model) => `answer = client.images.generate(model="${model}", prompt="A bourse at dawn")
print(answer.data[0].b64_json)`,
    typescript: (
      model,
    ) => `const answer = await client.images.generate({ model: '${model}', prompt: 'A bourse at dawn' });
console.log(answer.data?.[0]?.b64_json);`,
  },
  speech: {
    path: '/audio/speech',
    body: (model) => `-H "Content-Type: application/json" \\
  -d '{ "model": "${model}", "input": "The market is open.", "voice": "alloy" }' -o speech.mp3`,
    python: (
      model,
    ) => `speech = client.audio.speech.create(model="${model}", input="The market is open.", voice="alloy")
speech.write_to_file("speech.mp3")`,
    typescript: (model) => `const speech = await client.audio.speech.create({
  model: '${model}',
  input: 'The market is open.',
  voice: 'alloy',
});
const sound = Buffer.from(await speech.arrayBuffer());`,
  },
  transcription: {
    path: '/audio/transcriptions',
    body: (model) => `-F model="${model}" -F file=@speech.mp3`,
    python: (model) => `with open("speech.mp3", "rb") as sound:
    answer = client.audio.transcriptions.create(model="${model}", file=sound)
print(answer.text)`,
    typescript: (model) => `import { createReadStream } from 'node:fs';

const answer = await client.audio.transcriptions.create({
  model: '${model}',
  file: createReadStream('speech.mp3'),
});
console.log(answer.text);`,
  },
};

/** A first call to a model that does not converse. */
export function operationSamples({ apiUrl, model }: Call, operation: OperationModel): readonly CodeSample[] {
  const { path, body, python, typescript } = requests[operation];
  const curl = `curl ${apiUrl}${path} \\
  -H "Authorization: Bearer $BOURSE_API_KEY" \\
  ${body(model)}`;
  const pythonText = `import os
from openai import OpenAI

client = OpenAI(
    base_url="${apiUrl}",
    api_key=os.environ["BOURSE_API_KEY"],
)

${python(model)}`;
  const typescriptText = `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${apiUrl}',
  apiKey: process.env.BOURSE_API_KEY,
});

${typescript(model)}`;
  return [
    { id: 'curl', label: 'curl', language: 'bash', code: curl },
    { id: 'python', label: 'Python', language: 'python', code: pythonText },
    { id: 'typescript', label: 'TypeScript', language: 'typescript', code: typescriptText },
  ];
}
