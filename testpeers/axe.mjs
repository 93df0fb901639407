// Prints axe-core's own source, for a test to put into a page.
import axe from 'axe-core';

process.stdout.write(axe.source);
