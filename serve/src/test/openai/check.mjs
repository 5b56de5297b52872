import OpenAI from 'openai';
const base = process.argv[2], key = process.argv[3] ?? 'none';
const client = new OpenAI({ baseURL: base + '/v1', apiKey: key, maxRetries: 0 });
const models = [];
for await (const m of client.models.list()) models.push(m.id);
console.log('models', models);
console.log('model', (await client.models.retrieve(models[0])).id);
const whole = await client.completions.create({ model: models[0], prompt: 'The ', max_tokens: 20, seed: 7, temperature: 0.8 });
console.log('whole', JSON.stringify(whole.choices[0].text), whole.usage);
let text = ''; let usage; let reason;
for await (const c of await client.completions.create({ model: models[0], prompt: 'The ', max_tokens: 20, seed: 7, temperature: 0.8, stream: true, stream_options: { include_usage: true } })) {
  if (c.choices.length) { text += c.choices[0].text; reason = c.choices[0].finish_reason ?? reason; }
  usage = c.usage ?? usage;
}
console.log('stream', JSON.stringify(text), reason, usage);
if (text !== whole.choices[0].text) throw new Error('stream differs');
const stop = await client.completions.create({ model: models[0], prompt: 'The ', max_tokens: 200, seed: 7, stop: ['e', '\n'] });
console.log('stop', JSON.stringify(stop.choices[0].text), stop.choices[0].finish_reason);
try { await client.completions.create({ model: models[0], prompt: 'x', n: 2 }); throw new Error('not refused'); }
catch (e) { console.log('refused', e.constructor.name, e.status, e.param, e.code, e.message); if (e.status !== 400) throw e; }
try { await client.completions.create({ model: 'other', prompt: 'x' }); throw new Error('not refused'); }
catch (e) { console.log('refused', e.constructor.name, e.status, e.code); if (e.status !== 404) throw e; }
const c2 = new OpenAI({ baseURL: base + '/v1', apiKey: 'wrong-key-wrong-key', maxRetries: 0 });
if (key !== 'none') try { await c2.models.list(); throw new Error('not refused'); } catch (e) { console.log('key', e.constructor.name, e.status); if (e.status !== 401) throw e; }
// leave a stream
const left = await client.completions.create({ model: models[0], prompt: 'The ', max_tokens: 100000, stream: true });
let n = 0; for await (const _ of left) if (++n === 5) break;
console.log('left after', n);
