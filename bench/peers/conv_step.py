"""The training step of src/bench/conv-step.ts in PyTorch, to be timed beside it."""

import torch
import torch.nn.functional as F
from torch import nn

from turns import DEVICE, train_in_turns

CHANNELS, GROUPS, SIZE, BATCH, MIDDLE = 128, 32, 32, 8, 3


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, CHANNELS, eps=1e-6)
        self.conv1 = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)
        self.norm2 = nn.GroupNorm(GROUPS, CHANNELS, eps=1e-6)
        self.conv2 = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)

    def forward(self, x):
        return x + self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_in = nn.Conv2d(3, CHANNELS, 3, padding=1)
        self.before = Residual()
        self.down = nn.Conv2d(CHANNELS, CHANNELS, 3, stride=2)
        self.middle = nn.Sequential(*[Residual() for _ in range(MIDDLE)])
        self.up = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)
        self.after = Residual()
        self.norm_out = nn.GroupNorm(GROUPS, CHANNELS, eps=1e-6)
        self.conv_out = nn.Conv2d(CHANNELS, 3, 3, padding=1)

    def forward(self, x):
        small = self.middle(self.down(F.pad(self.before(self.conv_in(x)), (0, 1, 0, 1))))
        large = self.after(self.up(F.interpolate(small, scale_factor=2, mode="nearest")))
        return self.conv_out(F.silu(self.norm_out(large)))


pixels = torch.tanh(torch.randn(BATCH, 3, SIZE, SIZE, device=DEVICE))
train_in_turns(Autoencoder().to(DEVICE), lambda model: F.mse_loss(model(pixels), pixels))
