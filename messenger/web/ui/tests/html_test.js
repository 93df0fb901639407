import { html, morph } from '../html.js';
import { equal, ok, test } from './harness.js';

const evil = '<img src=x onerror="window.hurt = 1">';

/** @param {DocumentFragment} fragment */
function into(fragment) {
  const div = document.createElement('div');
  div.append(fragment);
  return div;
}

test('a value is text, never markup', () => {
  const div = into(html`<p title="${evil}">${evil}</p>`);
  equal(div.querySelector('img'), null);
  equal(div.querySelector('p')?.textContent, evil);
  equal(div.querySelector('p')?.title, evil);
});

test('words that look like our own marks stay words', () => {
  equal(into(html`<p title=${'{{0}}'}>${'{{0}}'}</p>`).innerHTML, '<p title="{{0}}">{{0}}</p>');
});

test('an address that is a script is dropped', () => {
  const link = into(html`<a href=${'javascript:alert(1)'}>x</a>`).querySelector('a');
  equal(link?.hasAttribute('href'), false);
  equal(
    into(html`<a href=${'/clients/c-1'}>x</a>`)
      .querySelector('a')
      ?.getAttribute('href'),
    '/clients/c-1',
  );
});

test('attributes that are false, null or undefined are left out', () => {
  equal(
    into(html`<p hidden=${false} title=${null} lang=${undefined} data-x=${true}></p>`).innerHTML,
    '<p data-x=""></p>',
  );
});

test('lists, nothing, and numbers', () => {
  equal(into(html`<p>${[1, html`<b>2</b>`, null]}${false}${0}</p>`).textContent, '120');
});

test('morphing keeps nodes, focus and what was typed', () => {
  const div = into(html`<label data-key="a">A<input></label><p data-key="b">b</p>`);
  document.body.append(div);
  const input = /** @type {HTMLInputElement} */ (div.querySelector('input'));
  input.value = 'typed';
  input.focus();
  morph(div, html`<p data-key="b">b2</p><p data-key="c">c</p><label data-key="a">A2<input></label>`);
  ok(div.querySelector('input') === input, 'the same input');
  equal(input.value, 'typed');
  ok(document.activeElement === input, 'still focused');
  equal(div.textContent, 'b2cA2');
  div.remove();
});

test('morphing leaves alone what has not changed and what a custom element holds', () => {
  const div = into(html`<ul><li data-key="1"><b>one</b></li></ul><x-own><i>own</i></x-own>`);
  morph(div, html`<ul><li data-key="1" data-same></li><li data-key="2">two</li></ul><x-own title="new"></x-own>`);
  equal(
    div.innerHTML,
    '<ul><li data-key="1"><b>one</b></li><li data-key="2">two</li></ul><x-own title="new"><i>own</i></x-own>',
  );
});
