// Counts the parts of text messages as Twilio's calculator and split-sms do: JSON texts on standard input, one a line; one
// JSON line of both answers for each.
import readline from 'node:readline';
import calculator from 'sms-segments-calculator';
import split from 'split-sms';

for await (const line of readline.createInterface({ input: process.stdin })) {
  const text = JSON.parse(line);
  const counted = new calculator.SegmentedMessage(text, 'auto', false);
  const parts = split.split(text);
  console.log(JSON.stringify({
    calculator: { encoding: counted.getEncodingName(), segments: counted.segmentsCount },
    split: { encoding: parts.characterSet, segments: parts.parts.length },
  }));
}
