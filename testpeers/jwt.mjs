// Verifies a token with jsonwebtoken: {"token", "key", "options"} on standard input, header and payload on standard output.
import jwt from 'jsonwebtoken';
import { text } from 'node:stream/consumers';

const { token, key, options } = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(jwt.verify(token, key, { ...options, complete: true })));
