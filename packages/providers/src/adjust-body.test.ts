import { describe, expect, test } from 'vitest';
import { forCompatibleServer, renamed, without, withoutDeveloperRole, withoutMessageFields } from './adjust-body.ts';

describe('adjusting a body', () => {
  test('changes nothing, not even the object, when there is nothing to change', () => {
    const body = { model: 'm', messages: [] };
    expect(without(body, ['top_k'])).toBe(body);
    expect(renamed(body, 'max_tokens', 'max_completion_tokens')).toBe(body);
  });

  test('never changes the body that it was given', () => {
    const body = Object.freeze({
      a: 1,
      messages: Object.freeze([Object.freeze({ role: 'developer', content: 'x', name: 'n' })]),
    });
    expect(without(body, ['a'])).not.toHaveProperty('a');
    expect(withoutDeveloperRole(body)).toMatchObject({ messages: [{ role: 'system' }] });
    expect(withoutMessageFields(body, ['name'])).toMatchObject({ messages: [{ content: 'x' }] });
    expect(body).toEqual({ a: 1, messages: [{ role: 'developer', content: 'x', name: 'n' }] });
  });

  test('renames in place, because some caches see the order', () => {
    expect(Object.keys(renamed({ a: 1, b: 2, c: 3 }, 'b', 'x'))).toEqual(['a', 'x', 'c']);
    expect(renamed({ old: 1, new: 2 }, 'old', 'new')).toEqual({ new: 2 });
  });

  test('reaches into the parts of messages, and leaves what is no message alone', () => {
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'x', cache_control: {} }, 'y'] },
      'z',
      { role: 'tool', content: 'x', cache_control: {} },
    ];
    expect(withoutMessageFields({ messages }, ['cache_control'])).toEqual({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, 'y'] }, 'z', { role: 'tool', content: 'x' }],
    });
    expect(withoutMessageFields({ messages: 'odd' }, ['x'])).toEqual({ messages: 'odd' });
  });

  test('gives compatible servers the cap that they obey', () => {
    expect(forCompatibleServer({ max_completion_tokens: 5 })).toEqual({ max_tokens: 5 });
    expect(forCompatibleServer({ max_completion_tokens: 5, max_tokens: 5 })).toEqual({ max_tokens: 5 });
  });
});
