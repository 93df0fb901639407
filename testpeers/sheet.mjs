// A stylesheet of a framework that hosts use: 'pico' or 'bootstrap'.
import { readFileSync } from 'node:fs';

const sheets = {
  pico: './node_modules/@picocss/pico/css/pico.css',
  bootstrap: './node_modules/bootstrap/dist/css/bootstrap.css',
};
process.stdout.write(readFileSync(new URL(sheets[process.argv[2]], import.meta.url)));
