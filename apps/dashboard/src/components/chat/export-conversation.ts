import type { Conversation } from './conversation.ts';

/** Hands a conversation to the browser as a file, complete and readable by programs. */
export function exportConversation(conversation: Conversation): void {
  const file = new Blob([JSON.stringify(conversation, null, 2)], { type: 'application/json' });
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = `bourse-chat-${new Date(conversation.createdAtMs).toISOString().slice(0, 10)}-${conversation.id}.json`;
  link.click();
  URL.revokeObjectURL(url);
}
