// Counts each line of standard input, a JSON string, by the component's own segments.js, and prints one line of JSON for it.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

// Read as data: without a package.json beside it Node takes a .js file for CommonJS.
const source = readFileSync(new URL('../messenger/web/ui/segments.js', import.meta.url), 'utf8');
const { count } = await import('data:text/javascript,' + encodeURIComponent(source));
for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(count(JSON.parse(line))));
