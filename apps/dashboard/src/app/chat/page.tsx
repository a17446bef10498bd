import type { Metadata } from 'next';
import { createLoader, createSerializer, parseAsString, type SearchParams } from 'nuqs/server';
import { ChatApp } from '../../components/chat/chat-app.tsx';
import { startModel } from '../../components/chat/chat-model.ts';
import { NobodyToTalkTo, SignInToChat } from '../../components/chat/chat-states.tsx';
import { listModels } from '../../data/catalog.ts';
import { currentSession } from '../../data/session.ts';

export const metadata: Metadata = {
  title: 'Chat',
  description: 'Talk to any model of the market, with the price of each answer.',
};

const chatParams = { model: parseAsString };
const loadChatParams = createLoader(chatParams);
const chatHref = createSerializer(chatParams);

export default async function ChatPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [{ model }, session, all] = await Promise.all([loadChatParams(searchParams), currentSession(), listModels()]);
  if (session === null) return <SignInToChat path={`/chat${chatHref({ model })}`} />;
  const conversing = all.filter(({ outputModalities }) => outputModalities.includes('text'));
  const models = conversing.map(({ slug, name, author, isRoutable }) => ({
    slug,
    name,
    authorName: author.name,
    isCallable: isRoutable,
  }));
  const start = startModel(models, model);
  if (start === null) return <NobodyToTalkTo />;
  return <ChatApp models={models} scope={session.organizationId} startModel={start} />;
}
