"""The training step of src/bench/train-step.ts in PyTorch, to be timed beside it."""

import torch
import torch.nn.functional as F
from torch import nn

from turns import DEVICE, SETTINGS, train_in_turns

SIZES = ("width", "layers", "heads", "tokens", "batch", "vocabulary")
WIDTH, LAYERS, HEADS, TOKENS, BATCH, VOCABULARY = (SETTINGS["sizes"][size] for size in SIZES)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-6)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.projection = nn.Linear(WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-6)
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x, bias):
        q, k, v = (
            self.qkv(self.norm1(x))
            .view(BATCH, TOKENS, 3, HEADS, WIDTH // HEADS)
            .permute(2, 0, 3, 1, 4)
        )
        weights = torch.softmax(q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5 + bias, dim=-1)
        x = x + self.projection((weights @ v).transpose(1, 2).reshape(BATCH, TOKENS, WIDTH))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)), approximate="tanh"))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Parameter(0.02 * torch.randn(1, TOKENS, WIDTH))
        self.blocks = nn.ModuleList([Block() for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(WIDTH, eps=1e-6)
        self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        bias = torch.full((TOKENS, TOKENS), float("-inf")).triu(1)
        self.register_buffer("bias", bias)

    def forward(self, ids):
        x = self.words(ids) + self.positions
        for block in self.blocks:
            x = block(x, self.bias)
        return self.head(self.norm(x))


ids = torch.randint(VOCABULARY, (BATCH, TOKENS), device=DEVICE)
following = torch.randint(VOCABULARY, (BATCH * TOKENS,), device=DEVICE)
train_in_turns(
    Transformer().to(DEVICE),
    lambda model: F.cross_entropy(model(ids).view(-1, VOCABULARY), following),
)
