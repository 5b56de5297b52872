"""Makes train_*.json: an Elman network written down in NumPy, its gradients by complex steps, trained by the formulas that
PyTorch's documentation gives for torch.optim.

python3 make_training.py            writes the files
python3 make_training.py FILE...    compares with cases of an Elman network that PyTorch made

The fields are those of the golden cases that PyTorch makes. A derivative is Im f(x + ih) / h: there is no difference of nearby
numbers, so it is as exact as f.
"""
import json
import sys
import numpy as np

STEPS, T, B, I, H, K, CLIP, STEP = 5, 3, 2, 2, 3, 3, 0.6, 1e-30
NAMES = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "head.weight", "head.bias"]
CASES = {
    "train_elman_sgd_nesterov": ("SGD", dict(lr=0.2, momentum=0.8, nesterov=True)),
    "train_elman_sgd_dampening": ("SGD", dict(lr=0.2, momentum=0.8, dampening=0.3)),
    "train_elman_sgd_decay": ("SGD", dict(lr=0.2, weight_decay=0.1)),
    "train_elman_adam_betas": ("Adam", dict(lr=0.05, betas=[0.7, 0.9], eps=1e-3, amsgrad=False)),
    "train_elman_adamw_usual_decay": ("AdamW", dict(lr=0.05, betas=[0.8, 0.95])),
    "train_elman_adagrad_eps": ("Adagrad", dict(eps=1e-2)),
    "train_elman_rmsprop_alpha": ("RMSprop", dict(alpha=0.8, eps=1e-2, momentum=0)),
}


def loss(p, x, z):
    steps, batch = x.shape[:2]
    h, total = np.zeros((batch, p["weight_hh_l0"].shape[0])), 0.0
    for t in range(steps):
        h = np.tanh(x[t] @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"])
        y = h @ p["head.weight"].T + p["head.bias"]
        y = y - y.real.max(axis=1, keepdims=True)
        total += sum(np.log(np.exp(y).sum(axis=1)) - y[np.arange(batch), z[t]])
    return total / (steps * batch)


def gradient(p, x, z):
    g = {}
    for n, v in p.items():
        g[n] = np.zeros(v.shape)
        for place in np.ndindex(*v.shape):
            q = {m: w.astype(complex) for m, w in p.items()}
            q[n][place] += 1j * STEP
            g[n][place] = loss(q, x, z).imag / STEP
    return g


def optimize(name, o, p, g, kept, n):
    """The n-th update of one tensor, from 1."""
    lr = o.get("lr", {"Adam": 1e-3, "AdamW": 1e-3}.get(name, 1e-2))
    decay = o.get("weight_decay", 0.01 if name == "AdamW" else 0)
    p = p - lr * decay * p if name == "AdamW" else p
    g = g if name == "AdamW" else g + decay * p
    if name == "SGD":
        m = o.get("momentum", 0)
        b = kept["b"] = g if n == 1 else m * kept["b"] + (1 - o.get("dampening", 0)) * g
        return p - lr * (g + m * b if o.get("nesterov") else b)
    square = kept.get("v", 0.0)
    if name in ("Adam", "AdamW"):
        b1, b2 = o.get("betas", (0.9, 0.999))
        m = kept["m"] = b1 * kept.get("m", 0.0) + (1 - b1) * g
        v = kept["v"] = b2 * square + (1 - b2) * g * g
        return p - lr * (m / (1 - b1**n)) / (np.sqrt(v / (1 - b2**n)) + o.get("eps", 1e-8))
    if name == "Adagrad":
        v = kept["v"] = square + g * g
        return p - lr * g / (np.sqrt(v) + o.get("eps", 1e-10))
    a = o.get("alpha", 0.99)
    v = kept["v"] = a * square + (1 - a) * g * g
    return p - lr * g / (np.sqrt(v) + o.get("eps", 1e-8))


def train(name, options, clip, p, xs, zs):
    kept, losses, norms = {n: {} for n in p}, [], []
    for s in range(len(xs)):
        losses.append(float(loss(p, xs[s], zs[s])))
        g = gradient(p, xs[s], zs[s])
        norms.append(float(np.sqrt(sum((v * v).sum() for v in g.values()))))
        scale = min(1, clip / (norms[-1] + 1e-6))
        p = {n: optimize(name, options, p[n], scale * g[n], kept[n], s + 1) for n in p}
    return losses, norms, p


def enc(a):
    return {"shape": list(a.shape), "data": a.ravel().tolist()}


def dec(e):
    return np.array(e["data"]).reshape(e["shape"])


def main():
    for file in sys.argv[1:]:
        c = json.load(open(file))
        losses, norms, p = train(c["optimizer"], c["optimizer_options"], c["clip_norm"],
                                 {n: dec(c["params"][n]) for n in NAMES}, dec(c["inputs"]), np.array(c["targets"]))
        worst = max(np.abs(p[n] - dec(c["final_params"][n])).max() for n in NAMES)
        print(file, "largest difference", max(worst, np.abs(np.array(losses) - c["losses"]).max()))
    for number, (file, (name, options)) in enumerate(CASES.items() if len(sys.argv) == 1 else []):
        rng = np.random.default_rng(20 + number)
        sizes = [(H, I), (H, H), (H,), (H,), (K, H), (K,)]
        p = {n: rng.uniform(-0.6, 0.6, s) for n, s in zip(NAMES, sizes)}
        xs, zs = rng.normal(size=(STEPS, T, B, I)), rng.integers(0, K, (STEPS, T, B))
        losses, norms, last = train(name, options, CLIP, p, xs, zs)
        json.dump({"name": file, "cell": "rnn", "optimizer": name, "optimizer_options": options, "clip_norm": CLIP,
                   "steps": STEPS, "T": T, "B": B, "I": I, "H": H, "K": K, "params": {n: enc(v) for n, v in p.items()},
                   "inputs": enc(xs), "targets": zs.tolist(), "losses": losses, "gradient_norms": norms,
                   "final_params": {n: enc(v) for n, v in last.items()}}, open(file + ".json", "w"))


main()
