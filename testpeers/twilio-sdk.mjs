// Twilio's official SDK: with 'sign' and 'validate', requests {"token", "url", "params", "signature"} on standard input, a
// JSON list of answers on standard output; with 'send', {"account", "token", "url", "message"} is sent to that base URL.
import twilio from 'twilio';
import RequestClient from 'twilio/lib/base/RequestClient.js';
import { text } from 'node:stream/consumers';

const input = JSON.parse(await text(process.stdin));
const does = {
  sign: () => input.map(({ token, url, params }) => twilio.getExpectedTwilioSignature(token, url, params)),
  validate: () => input.map(({ token, signature, url, params }) => twilio.validateRequest(token, signature, url, params)),
  send: async () => {
    const client = new RequestClient();
    const request = client.request.bind(client);
    client.request = (options) => request({ ...options, uri: options.uri.replace('https://api.twilio.com', input.url) });
    const { sid } = await twilio(input.account, input.token, { httpClient: client }).messages.create(input.message);
    return sid;
  },
};
console.log(JSON.stringify(await does[process.argv[2]]()));
