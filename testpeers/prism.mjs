// A mock of an OpenAPI document, which refuses requests that the document does not allow.
//   node prism.mjs DOCUMENT [errors]
// Says 'listening ADDRESS' once it does, and ends with its standard input. With errors it answers a wrong request with the
// documented error; without, it answers anyway and lists what is wrong in the response header sl-violations.
import net from 'node:net';
import prism from '@stoplight/prism-cli/dist/util/createServer.js';

const host = '127.0.0.1';
const [document, mode] = process.argv.slice(2);
// Prism does not say which port it got when asked for any.
const port = await new Promise((resolve) => {
  const probe = net.createServer().listen(0, host, () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
await prism.createSingleProcessPrism({ document, host, port, errors: mode === 'errors', dynamic: false, cors: true, verboseLevel: 'fatal' });
console.log(`\nlistening http://${host}:${port}`);
process.stdin.on('end', () => process.exit()).resume();
