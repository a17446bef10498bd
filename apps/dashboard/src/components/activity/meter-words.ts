import type { StoredGeneration } from '../../data/activity.ts';

type Meter = keyof StoredGeneration['usage'];

/** What is counted, in words. */
export const meterWords: Readonly<Record<Meter, string>> = {
  input: 'Input tokens',
  input_cache_read: 'Input tokens, from cache',
  input_cache_write: 'Input tokens, into cache',
  input_cache_write_1h: 'Input tokens, into cache for an hour',
  input_audio: 'Audio input tokens',
  input_image: 'Image input tokens',
  output: 'Output tokens',
  output_reasoning: 'Reasoning tokens',
  output_audio: 'Audio output tokens',
  output_image: 'Image output tokens',
  request: 'Requests',
  web_search: 'Web searches',
  plugin_web: 'Web searches of the plugin',
  spoken_character: 'Characters spoken',
  audio_second: 'Seconds of audio',
  search_unit: 'Search units',
  image_made: 'Images made',
};
