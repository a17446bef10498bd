export { openaiEmbeddings } from './embeddings.ts';
export { openaiImages } from './images.ts';
export { cohereRerank } from './rerank.ts';
export { openaiSpeech } from './speech.ts';
export { openaiTranscriptions } from './transcriptions.ts';
