// Sends through GOV.UK Notify's official client to the base URL that is given: {"apiKey", "calls": [["sendSms", …], …]} on
// standard input.
import { NotifyClient } from 'notifications-node-client';
import { text } from 'node:stream/consumers';

const { apiKey, calls } = JSON.parse(await text(process.stdin));
const client = new NotifyClient(process.argv[2], apiKey);
for (const [method, ...args] of calls) await client[method](...args);
