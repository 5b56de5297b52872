"""Makes lstm_projected_2layer.json: an LSTM with projection written down in NumPy, its gradients by complex steps.

python3 make_projected.py > lstm_projected_2layer.json

The fields are those of the golden cases that PyTorch makes for nn.LSTM with proj_size. A derivative is
Im f(x + ih) / h: there is no difference of nearby numbers, so it is as exact as f.
"""
import json
import numpy as np

T, B, I, H, P, K, L, STEP = 4, 2, 3, 5, 2, 4, 2, 1e-30
rng = np.random.default_rng(11)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def forward(p, x, h0, c0):
    h, c, below, last_h, last_c = h0, c0, x, [], []
    for l in range(L):
        hl, cl, out = h[l], c[l], []
        for t in range(T):
            a = below[t] @ p[f"weight_ih_l{l}"].T + p[f"bias_ih_l{l}"] + hl @ p[f"weight_hh_l{l}"].T + p[f"bias_hh_l{l}"]
            i, f, g, o = sigmoid(a[:, :H]), sigmoid(a[:, H:2 * H]), np.tanh(a[:, 2 * H:3 * H]), sigmoid(a[:, 3 * H:])
            cl = f * cl + i * g
            hl = (o * np.tanh(cl)) @ p[f"weight_hr_l{l}"].T
            out.append(hl)
        below = np.stack(out)
        last_h.append(hl)
        last_c.append(cl)
    logits = below @ p["head.weight"].T + p["head.bias"]
    picked = np.take_along_axis(logits, z[..., None], 2)[..., 0]
    loss = (np.log(np.exp(logits).sum(2)) - picked).sum()
    return below, logits, loss, np.stack(last_h), np.stack(last_c)


def enc(a):
    return {"shape": list(a.shape), "data": a.real.reshape(-1).tolist()}


shapes = {}
for l in range(L):
    shapes |= {f"weight_ih_l{l}": (4 * H, I if l == 0 else P), f"weight_hh_l{l}": (4 * H, P), f"bias_ih_l{l}": (4 * H,),
               f"bias_hh_l{l}": (4 * H,), f"weight_hr_l{l}": (P, H)}
shapes |= {"head.weight": (K, P), "head.bias": (K,)}
values = {n: rng.uniform(-0.6, 0.6, s).astype(complex) for n, s in shapes.items()}
values |= {"input": rng.standard_normal((T, B, I)).astype(complex), "h0": rng.standard_normal((L, B, P)).astype(complex),
           "c0": rng.standard_normal((L, B, H)).astype(complex)}
z = rng.integers(0, K, (T, B))


def run():
    return forward(values, values["input"], values["h0"], values["c0"])


def gradient(name):
    a = values[name]
    g = np.zeros(a.shape)
    for at in np.ndindex(a.shape):
        a[at] += 1j * STEP
        g[at] = run()[2].imag / STEP
        a[at] = a[at].real
    return g


output, logits, loss, h_last, c_last = run()
print(json.dumps({
    "name": "lstm_projected_2layer", "cell": "lstm", "T": T, "B": B, "I": I, "H": H, "K": K, "lengths": None,
    "loss_reduction": "sum", "options": {"layers": L, "proj": P}, "params": {n: enc(values[n]) for n in shapes},
    "input": enc(values["input"]), "targets": z.tolist(), "h0": enc(values["h0"]), "c0": enc(values["c0"]),
    "output": enc(output), "logits": enc(logits), "loss": loss.real, "grads": {n: enc(gradient(n)) for n in shapes},
    "grad_input": enc(gradient("input")), "grad_h0": enc(gradient("h0")), "grad_c0": enc(gradient("c0")),
    "h_last": enc(h_last), "c_last": enc(c_last)}))
