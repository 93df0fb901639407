// Signs in, writes to a client and reads the thread, by the types that openapi-typescript makes of the document.
import type { paths } from './schema.d.ts';

type Asked<O> = O extends { requestBody?: { content: { 'application/json': infer B } } } ? B : undefined;
type Content<R> = R extends { content: { 'application/json': infer A } } ? A : never;
type Answered<O> = O extends { responses: infer R } ? { [S in keyof R]: S extends 200 | 201 | 202 ? Content<R[S]> : never }[keyof R] : never;

declare const process: { argv: string[]; stdout: { write(text: string): void } };
const host = process.argv[3]!;
let cookie = '';

async function call<P extends keyof paths, M extends 'get' | 'post'>(
  method: M, path: P, names: Record<string, string>, body?: Asked<paths[P][M]>,
): Promise<Answered<paths[P][M]>> {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name]!));
  const answer = await fetch(`${host}/messenger/api${filled}`, {
    method: method.toUpperCase(),
    headers: { cookie, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return await answer.json() as Answered<paths[P][M]>;
}

const signedIn = await fetch(`${host}/sign-in`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ staff: 'amira' }) });
cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
const me = await call('get', '/me', {});
const sent = await call('post', '/clients/{client_id}/messages', { client_id: 'c-1031' }, {
  medium: 'email', subject: 'By a generated client', body: 'How are you?', // reply_link is left out
});
const thread = await call('get', '/channels/{id}/messages', { id: sent.channel.id });
process.stdout.write(`${me.staff.name} wrote: ${thread.items.at(-1)!.body}\n`);
