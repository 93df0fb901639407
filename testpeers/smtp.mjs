// Mail servers that keep what they get, made and asked by HTTP.
//   node smtp.mjs KEY CERTIFICATE
// Says 'listening ADDRESS' once it does, and ends with its standard input. Every request is a POST with a JSON body:
//   /start {tls: starttls|implicit|none, auth: [mechanisms], user, password, token, hide: {…}, takes: ms over each}  ->  {port}
//   /stop {port}                   nothing listens any more
//   /refuse {port}                 from now on no sign-in is good
//   /messages {port, reference}    -> what was taken under that Message-ID, and how it came
//   /connections {port}            -> {count}: how many there have been
// The recipient says what happens, as the first word of its local part: rcpt-550, data-554, data-451 (answers of that stage; further
// words are the answer's text, with + for a space), silent-before, silent-after, drop-after.
import fs from 'node:fs';
import http from 'node:http';
import { SMTPServer } from 'smtp-server';
import { simpleParser } from 'mailparser';

const host = '127.0.0.1';
const [key, cert] = process.argv.slice(2).map((file) => fs.readFileSync(file));
const servers = new Map();

function refusal(address, stage) {
  const [word, ...text] = address.split('@')[0].split('~');
  const [at, code] = word.split('-');
  if (at !== stage) return null;
  return Object.assign(new Error(text.length ? text.join(' ').replaceAll('+', ' ') : `no <${address}> here`), { responseCode: Number(code) });
}

function start({ tls, auth = [], user, password, token, hide = {}, takes = 0 }) {
  const state = { messages: [], refuses: false, connections: 0 };
  const server = new SMTPServer({
    key, cert, secure: tls === 'implicit', hideSTARTTLS: tls === 'none', disableReverseLookup: true, hideDSN: false, logger: false,
    authMethods: auth.length ? auth : undefined, authOptional: auth.length === 0, allowInsecureAuth: tls === 'none',
    disabledCommands: auth.length ? [] : ['AUTH'], closeTimeout: 100, ...hide,
    onConnect(session, answer) {
      state.connections += 1;
      answer();
    },
    onAuth(offered, session, answer) {
      const good = offered.method === 'XOAUTH2' ? offered.accessToken === token : offered.password === password;
      if (state.refuses || !good || offered.username !== user) {
        return answer(Object.assign(new Error(`5.7.8 ${offered.username} may not sign in with ${offered.password ?? offered.accessToken}`), { responseCode: 535 }));
      }
      return answer(null, { user: `${offered.method} ${offered.username}` });
    },
    onRcptTo(address, session, answer) {
      if (address.address.startsWith('silent-before')) return;
      answer(refusal(address.address, 'rcpt'));
    },
    onData(stream, session, answer) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', async () => {
        const { mailFrom, rcptTo } = session.envelope;
        const to = rcptTo[0].address;
        const refused = refusal(to, 'data');
        if (refused) return answer(refused);
        const raw = Buffer.concat(chunks);
        const mail = await simpleParser(raw);
        state.messages.push({
          envelopeFrom: mailFrom.address, envelopeTo: rcptTo.map((r) => r.address), mailArgs: mailFrom.args || {}, rcptArgs: rcptTo[0].args || {},
          user: session.user || '', secure: session.secure, protocol: session.tlsOptions?.version ?? '', hello: session.hostNameAppearsAs,
          raw: raw.toString('latin1'), subject: mail.subject, text: mail.text, html: mail.html, messageId: mail.messageId,
          from: mail.from?.value, to: mail.to?.value, replyTo: mail.replyTo?.value ?? [], date: mail.date, attachments: mail.attachments.length,
          headers: mail.headerLines.map((line) => line.line),
        });
        if (to.startsWith('silent-after')) return undefined;
        if (to.startsWith('drop-after')) {
          for (const connection of server.connections) {
            if (connection.id === session.id) connection._socket.destroy();
          }
          return undefined;
        }
        setTimeout(() => answer(null, `2.0.0 Ok: queued as ${session.id.toUpperCase()}`), takes);
        return undefined;
      });
    },
  });
  server.on('error', () => {}); // a client that drops its connection
  state.server = server;
  return new Promise((resolve) => {
    server.listen(0, host, () => {
      const { port } = server.server.address();
      servers.set(port, state);
      resolve({ port });
    });
  });
}

async function stop({ port }) {
  const { server } = servers.get(port);
  for (const connection of server.connections) connection._socket.destroy();
  await new Promise((resolve) => { server.close(resolve); });
  return {};
}

const operations = {
  '/start': start,
  '/stop': stop,
  '/refuse': ({ port }) => { servers.get(port).refuses = true; return {}; },
  '/messages': ({ port, reference }) => servers.get(port).messages.filter((m) => !reference || m.messageId?.startsWith(`<${reference}@`)),
  '/connections': ({ port }) => ({ count: servers.get(port).connections }),
};

const control = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    const answer = await operations[request.url](JSON.parse(Buffer.concat(chunks)));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  } catch (error) {
    response.writeHead(500).end(String(error.stack));
  }
});
control.listen(0, host, () => console.log(`listening http://${host}:${control.address().port}`));
process.stdin.on('end', () => process.exit()).resume();
