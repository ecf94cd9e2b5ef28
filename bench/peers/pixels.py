"""From latents to pixels: the decoder that the tokenizers of VAR, LlamaGen and MAR share."""

import torch
import torch.nn.functional as F
from torch import nn


class Residual(nn.Module):
    def __init__(self, inputs, outputs, groups):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs, eps=1e-6)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, outputs, eps=1e-6)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        return self.shortcut(x) + self.conv2(F.silu(self.norm2(h)))


class Attention(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.projection = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        b, c, h, w = x.shape
        q, k, v = self.qkv(self.norm(x)).view(b, 3, c, h * w).unbind(1)
        weights = torch.softmax(q.transpose(1, 2) @ k * c**-0.5, dim=-1)
        return x + self.projection((v @ weights.transpose(1, 2)).view(b, c, h, w))


class Double(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


class Decoder(nn.Module):
    """latents [B, C, h, w] -> pixels [B, 3, H, W]"""

    def __init__(self, sizes):
        super().__init__()
        channels, multipliers = sizes["channels"], sizes["multipliers"]
        groups, latent = sizes["groups"], sizes["latentChannels"]
        width = channels * multipliers[-1]
        layers = [
            nn.Conv2d(latent, latent, 3 if "scales" in sizes else 1, padding="same"),
            nn.Conv2d(latent, width, 3, padding=1),
            Residual(width, width, groups),
            Attention(width, groups),
            Residual(width, width, groups),
        ]
        for level in reversed(range(len(multipliers))):
            for _ in range(sizes["decoderBlocks"]):
                layers.append(Residual(width, channels * multipliers[level], groups))
                width = channels * multipliers[level]
                if level == len(multipliers) - 1:
                    layers.append(Attention(width, groups))
            if level > 0:
                layers.append(Double(width))
        layers += [nn.GroupNorm(groups, width, eps=1e-6), nn.SiLU(), nn.Conv2d(width, 3, 3, padding=1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, latents):
        return self.layers(latents).clamp(-1, 1)
