"""Pictures of a VAR with random weights in PyTorch, from the class to pixels, to be timed beside ours."""

import torch
import torch.nn.functional as F
from torch import nn

from pixels import Decoder
from turns import DEVICE, SETTINGS, draw_in_turns

SIZES, BATCH, GUIDANCE = SETTINGS["sizes"], SETTINGS["batch"], SETTINGS["guidance"]
WIDTH, HEADS, DEPTH = SIZES["width"], SIZES["heads"], SIZES["depth"]
TOKENIZER = SIZES["tokenizer"]
LATENT, CODES = TOKENIZER["latentChannels"], TOKENIZER["codebookSize"]
SCALES = [scale["height"] for scale in TOKENIZER["scales"]]
TOP_K, TOP_P = min(900, CODES), 0.96


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.modulation = nn.Linear(WIDTH, 6 * WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.scale = nn.Parameter(torch.full((1, HEADS, 1, 1), 4.0))
        self.projection = nn.Linear(WIDTH, WIDTH)
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x, steer, cache):
        rows, count, _ = x.shape
        gain1, gain2, scale1, scale2, shift1, shift2 = self.modulation(steer)[:, None].chunk(6, -1)
        h = F.layer_norm(x, (WIDTH,), eps=1e-6) * (1 + scale1) + shift1
        q, k, v = self.qkv(h).view(rows, count, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        q, k = F.normalize(q, dim=-1) * self.scale, F.normalize(k, dim=-1)
        if cache:
            k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
        cache[:] = [k, v]
        seen = torch.softmax(q @ k.transpose(-1, -2), dim=-1).to(v.dtype) @ v
        x = x + gain1 * self.projection(seen.transpose(1, 2).reshape(rows, count, WIDTH))
        h = F.layer_norm(x, (WIDTH,), eps=1e-6) * (1 + scale2) + shift2
        return x + gain2 * self.fc2(F.gelu(self.fc1(h), approximate="tanh"))


class Var(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Linear(LATENT, WIDTH)
        self.positions = nn.Parameter(0.02 * torch.randn(1, sum(n * n for n in SCALES), WIDTH))
        self.blocks = nn.ModuleList([Block() for _ in range(DEPTH)])
        self.modulation = nn.Linear(WIDTH, 2 * WIDTH)
        self.logits = nn.Linear(WIDTH, CODES)
        self.codebook = nn.Embedding(CODES, LATENT)
        self.refine = nn.Conv2d(LATENT, LATENT, 3, padding=1)
        self.decoder = Decoder(TOKENIZER)

    def choose(self, logits, k):
        conditional, unconditional = logits.chunk(2)
        strength = GUIDANCE * k / max(len(SCALES) - 1, 1)
        logits = unconditional + (1 + strength) * (conditional - unconditional)
        best, ids = logits.float().topk(TOP_K, dim=-1)
        shares = torch.softmax(best, dim=-1)
        late = shares.cumsum(-1) - shares > TOP_P
        drawn = shares.masked_fill(late, 0).view(-1, TOP_K).multinomial(1)
        return ids.view(-1, TOP_K).gather(1, drawn)

    def draw(self):
        full = SCALES[-1]
        condition = torch.randn(2 * BATCH, WIDTH, device=DEVICE)
        feature = torch.zeros(BATCH, LATENT, full, full, device=DEVICE)
        inputs = torch.zeros(BATCH, 1, LATENT, device=DEVICE)
        caches = [[] for _ in self.blocks]
        steer, start = F.silu(condition), 0
        for k, n in enumerate(SCALES):
            x = self.words(inputs) + self.positions[:, start : start + n * n]
            x = x.repeat(2, 1, 1) + (condition[:, None] if k == 0 else 0)
            for block, cache in zip(self.blocks, caches):
                x = block(x, steer, cache)
            scale, shift = self.modulation(steer)[:, None].chunk(2, -1)
            x = F.layer_norm(x, (WIDTH,), eps=1e-6) * (1 + scale) + shift
            codes = self.codebook(self.choose(self.logits(x), k))
            grown = codes.view(BATCH, n, n, LATENT).permute(0, 3, 1, 2)
            grown = F.interpolate(grown, size=(full, full), mode="bicubic")
            feature = feature + 0.5 * grown + 0.5 * self.refine(grown)
            start += n * n
            if k + 1 < len(SCALES):
                inputs = F.interpolate(feature, size=(SCALES[k + 1],) * 2, mode="area")
                inputs = inputs.flatten(2).transpose(1, 2)
        return self.decoder(feature).cpu()


draw_in_turns(Var().to(DEVICE), Var.draw)
