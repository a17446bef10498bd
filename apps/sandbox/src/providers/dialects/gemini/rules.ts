import { ProviderError } from '../../errors.ts';
import type { FunctionCall, FunctionResponse, GeminiRequest, Part, Turn } from './schema.ts';
import { isSignatureGood } from './thought-signature.ts';

/** What a form alone cannot say: the rules between turns, tools and settings, as Google refuses. */

/** A refusal in the words of the API. */
export function refuse(message: string): ProviderError {
  return new ProviderError(400, { message });
}

/** The calls of a turn, in their order. */
export function callsIn({ parts }: Turn): FunctionCall[] {
  return parts.flatMap((part) => part.functionCall ?? []);
}

/** The answers of functions in a turn, in their order. */
export function resultsIn({ parts }: Turn): FunctionResponse[] {
  return parts.flatMap((part) => part.functionResponse ?? []);
}

/** Which call each result answers: the one with its id where there are ids, else the next of its name. -1 for none. */
export function pairs(calls: readonly FunctionCall[], results: readonly FunctionResponse[]): number[] {
  const taken = new Set<number>();
  return results.map(({ id, name }) => {
    const at = calls.findIndex(
      (call, index) => !taken.has(index) && call.name === name && (id == null || call.id == null || call.id === id),
    );
    taken.add(at);
    return at;
  });
}

function checkRoles({ contents }: GeminiRequest): void {
  for (const turn of contents) {
    if (turn.role == null && contents.length > 1) throw refuse('Please use a valid role: user, model.');
    const isModel = turn.role === 'model';
    if (!isModel && callsIn(turn).length > 0) throw refuse('Please ensure that function calls have the role model.');
    if (isModel && resultsIn(turn).length > 0)
      throw refuse('Please ensure that function responses have the role user.');
  }
}

const COUNT =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';

/** A model may end its words with an empty text, and is given it back; from anybody else it is a mistake. */
function checkTexts({ contents, systemInstruction: system }: GeminiRequest): void {
  const said = [
    ...(system?.parts ?? []),
    ...contents.filter(({ role }) => role !== 'model').flatMap(({ parts }) => parts),
  ];
  if (said.some(({ text }) => text === '')) {
    throw refuse(
      'Unable to submit request because it has an empty text parameter. Add a value to the parameter and try again.',
    );
  }
}

function checkCalls({ contents }: GeminiRequest): void {
  let open: readonly FunctionCall[] = [];
  for (const [at, turn] of contents.entries()) {
    const [calls, results] = [callsIn(turn), resultsIn(turn)];
    if (results.length > 0 && open.length === 0) {
      throw refuse('Please ensure that function response turn comes immediately after a function call turn.');
    }
    if (results.length !== open.length) throw refuse(COUNT);
    if (pairs(open, results).includes(-1)) {
      throw refuse(
        'Please ensure that the function response parts match the function call parts of the function call turn.',
      );
    }
    const before = contents[at - 1]?.role ?? 'model';
    if (calls.length > 0 && (at === 0 || before === 'model')) {
      throw refuse(
        'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
      );
    }
    open = calls;
  }
  if (open.length > 0) throw refuse(COUNT);
}

const placeOf = ({ functionCall: call }: Part) => (call == null ? 'text' : { functionName: call.name });

/** The turn that is still going on begins with what the user said last; what functions answered since belongs to it. */
function currentTurn(contents: readonly Turn[]): readonly Turn[] {
  return contents.slice(contents.findLastIndex((turn) => turn.role !== 'model' && resultsIn(turn).length === 0) + 1);
}

function checkSignatures({ contents }: GeminiRequest, isThinker: boolean): void {
  for (const part of contents.flatMap((turn) => turn.parts)) {
    const { thoughtSignature: signature } = part;
    if (signature != null && !isSignatureGood(placeOf(part), signature)) throw refuse('Corrupted thought signature.');
  }
  if (!isThinker) return;
  for (const turn of currentTurn(contents)) {
    const first = turn.parts.find((part) => part.functionCall != null);
    if (first === undefined || first.thoughtSignature != null) continue;
    const where = `function call \`${first.functionCall?.name}\`, position ${contents.indexOf(turn) + 1}`;
    throw refuse(`Function call is missing a thought_signature in functionCall parts. Additional data, ${where}.`);
  }
}

/** Every function that is offered. */
export function declarationsIn({ tools }: GeminiRequest) {
  return (tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []);
}

function checkTools(request: GeminiRequest): void {
  const names = declarationsIn(request).map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw refuse(`Duplicate function declaration found: ${twice}`);
  const { mode, allowedFunctionNames: allowed } = request.toolConfig?.functionCallingConfig ?? {};
  if (mode === 'ANY' && names.length === 0) {
    throw refuse('Function calling config is set without function_declarations.');
  }
  if (allowed == null || allowed.length === 0) return;
  if (mode !== 'ANY' && mode !== 'VALIDATED') {
    throw refuse('Please set allowed_function_names only when function calling mode is ANY.');
  }
  const unknown = allowed.find((name) => !names.includes(name));
  if (unknown !== undefined) throw refuse(`allowed_function_names: ${unknown} is not a declared function.`);
}

function checkConfig({ generationConfig: config }: GeminiRequest, isThinker: boolean): void {
  const { responseSchema, responseJsonSchema, responseMimeType: type, thinkingConfig: thinking } = config ?? {};
  if (responseSchema != null && responseJsonSchema != null) {
    throw refuse('Only one of response_schema and response_json_schema may be set.');
  }
  const hasSchema = responseSchema != null || responseJsonSchema != null;
  if (hasSchema && type !== 'application/json' && type !== 'text/x.enum') {
    throw refuse('A response schema is only supported with the response mime type application/json.');
  }
  if (thinking?.thinkingBudget != null && thinking.thinkingLevel != null) {
    throw refuse('You can only set only one of thinking budget and thinking level.');
  }
  if (isThinker && thinking?.thinkingBudget === 0) {
    throw refuse('Budget 0 is invalid. This model only works in thinking mode.');
  }
  if (config?.logprobs != null && config.responseLogprobs !== true) {
    throw refuse('logprobs may only be set when response_logprobs is true.');
  }
}

/** Throws `ProviderError` 400 for the first rule that a well-formed request breaks. A thinker's calls must come back signed. */
export function checkRules(request: GeminiRequest, isThinker: boolean): void {
  checkRoles(request);
  checkTexts(request);
  checkCalls(request);
  checkSignatures(request, isThinker);
  checkTools(request);
  checkConfig(request, isThinker);
}
