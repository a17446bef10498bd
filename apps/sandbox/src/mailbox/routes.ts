import { Hono } from 'hono';
import { pageHeaders } from '../page/layout.ts';
import type { Mailbox } from './mailbox.ts';
import { listPage, mailPage, unknownMailPage } from './pages.ts';

// The frame inherits this policy: mails bring their own styles and pictures, and nothing else.
const MAIL_CONTENT = "style-src 'unsafe-inline'; img-src * data:; font-src * data:";

/** The mailbox for people and for tests, to be mounted at the root. */
export function createMailboxRoutes(mailbox: Mailbox) {
  const routes = new Hono();
  const toOf = (to: string | undefined) => (to === undefined || to.trim() === '' ? undefined : to);

  routes.get('/mailbox.json', (c) => c.json({ mails: mailbox.list(toOf(c.req.query('to'))) }));
  routes.delete('/mailbox.json', (c) => {
    mailbox.clear();
    return c.json({ mails: [] });
  });
  routes.get('/mailbox', async (c) => {
    const to = c.req.query('to') ?? '';
    return c.body(`${await listPage(mailbox.list(toOf(to)), to)}`, 200, pageHeaders());
  });
  routes.get('/mailbox/:id', async (c) => {
    const mail = mailbox.get(c.req.param('id'));
    if (mail === undefined) return c.body(`${await unknownMailPage()}`, 404, pageHeaders());
    return c.body(`${await mailPage(mail)}`, 200, pageHeaders({ content: MAIL_CONTENT }));
  });
  return routes;
}
