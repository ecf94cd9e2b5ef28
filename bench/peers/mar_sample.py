"""Pictures of a MAR with random weights in PyTorch, from the class to pixels, to be timed beside ours."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from pixels import Decoder
from turns import DEVICE, SETTINGS, draw_in_turns

SIZES, BATCH, GUIDANCE = SETTINGS["sizes"], SETTINGS["batch"], SETTINGS["guidance"]
WIDTH, SLOTS, STEPS = SIZES["width"], SIZES["classSlots"], SIZES["steps"]
HEAD, TOKENIZER = SIZES["head"], SIZES["tokenizer"]
LATENT, SIDE = TOKENIZER["latentChannels"], TOKENIZER["height"]
TOKENS, DIFFUSION = SIDE * SIDE, SIZES["diffusionSteps"]


class Block(nn.Module):
    def __init__(self, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-6), nn.LayerNorm(WIDTH, eps=1e-6)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.projection = nn.Linear(WIDTH, WIDTH)
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        rows, count, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(rows, count, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5, dim=-1)
        x = x + self.projection((weights.to(v.dtype) @ v).transpose(1, 2).reshape(rows, count, WIDTH))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        width = HEAD["width"]
        self.embed, self.condition = nn.Linear(LATENT, width), nn.Linear(WIDTH, width)
        self.times = nn.Sequential(nn.Linear(256, width), nn.SiLU(), nn.Linear(width, width))
        blocks = [self.block(width) for _ in range(HEAD["depth"])]
        self.blocks = nn.ModuleList(blocks)
        self.modulation, self.output = nn.Linear(width, 2 * width), nn.Linear(width, 2 * LATENT)

    @staticmethod
    def block(width):
        mlp = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        return nn.ModuleList([nn.LayerNorm(width, eps=1e-6), nn.Linear(width, 3 * width), mlp])

    def forward(self, x, steer):
        h, steer = self.embed(x), F.silu(steer)
        for norm, modulation, mlp in self.blocks:
            shift, scale, gate = modulation(steer).chunk(3, -1)
            h = h + gate * mlp(norm(h) * (1 + scale) + shift)
        shift, scale = self.modulation(steer).chunk(2, -1)
        return self.output(F.layer_norm(h, h.shape[-1:], eps=1e-6) * (1 + scale) + shift)

    def draw(self, hidden):
        condition, count = self.condition(hidden), len(hidden) // 2
        x = torch.randn(count, LATENT, device=DEVICE)
        for _ in range(DIFFUSION):
            time = self.times(torch.randn(1, 256, device=DEVICE))
            noise, spread = self(x.repeat(2, 1), condition + time).float().chunk(2, -1)
            conditional, unconditional = noise.chunk(2)
            noise = unconditional + GUIDANCE * (conditional - unconditional)
            x = 0.99 * x - 0.1 * noise + 0.01 * torch.exp(0.5 * spread[:count]) * torch.randn_like(x)
        return x


class Mar(nn.Module):
    def __init__(self):
        super().__init__()
        encoder, decoder = SIZES["encoder"], SIZES["decoder"]
        self.embed = nn.Linear(LATENT, WIDTH)
        self.norm_in = nn.LayerNorm(WIDTH, eps=1e-6)
        self.encoder = nn.Sequential(*[Block(encoder["heads"]) for _ in range(encoder["depth"])])
        self.norm_middle = nn.LayerNorm(WIDTH, eps=1e-6)
        self.between = nn.Linear(WIDTH, WIDTH)
        self.decoder = nn.Sequential(*[Block(decoder["heads"]) for _ in range(decoder["depth"])])
        self.norm_out = nn.LayerNorm(WIDTH, eps=1e-6)
        places = (1, SLOTS + TOKENS, WIDTH)
        self.positions = nn.Parameter(0.02 * torch.randn(places))
        self.decoder_positions = nn.Parameter(0.02 * torch.randn(places))
        self.out_positions = nn.Parameter(0.02 * torch.randn(1, TOKENS, WIDTH))
        self.mask = nn.Parameter(0.02 * torch.randn(1, 1, WIDTH))
        self.head = Denoiser()
        self.pixels = Decoder(TOKENIZER)

    def draw(self):
        rows = 2 * BATCH
        tokens = torch.zeros(BATCH, TOKENS, LATENT, device=DEVICE)
        condition = torch.randn(rows, 1, WIDTH, device=DEVICE)
        order, known = torch.randperm(TOKENS, device=DEVICE), 0
        for step in range(STEPS):
            left = math.floor(TOKENS * math.cos(math.pi / 2 * (step + 1) / STEPS))
            until = TOKENS if step == STEPS - 1 else min(TOKENS - 1, max(known + 1, TOKENS - left))
            old, new = order[:known], order[known:until]
            slots = condition.expand(-1, SLOTS, -1) + self.positions[:, :SLOTS]
            read = self.embed(tokens[:, old]).repeat(2, 1, 1) + self.positions[:, SLOTS + old]
            h = self.norm_middle(self.encoder(self.norm_in(torch.cat([slots, read], 1))))
            h = self.between(h)
            grid = self.mask.expand(rows, TOKENS, WIDTH).to(h.dtype).clone()
            grid[:, old] = h[:, SLOTS:]
            h = torch.cat([h[:, :SLOTS], grid], 1) + self.decoder_positions
            h = self.norm_out(self.decoder(h))[:, SLOTS:] + self.out_positions
            drawn = self.head.draw(h[:, new].reshape(-1, WIDTH))
            tokens[:, new] = drawn.view(BATCH, -1, LATENT)
            known = until
        return self.pixels(tokens.transpose(1, 2).reshape(BATCH, LATENT, SIDE, SIDE)).cpu()


draw_in_turns(Mar().to(DEVICE), Mar.draw)
