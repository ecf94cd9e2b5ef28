"""Takes turns with Ordo's benchmark: one run for each line on stdin, one line on stdout after it.

The first argument is a JSON object: `device` (what Ordo computes on), `precision`, and the sizes.
"""

import contextlib
import json
import os
import sys

import torch

SETTINGS = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
HALF = SETTINGS.get("precision") == "fp16"

ON_GPU = SETTINGS.get("device", "cpu") != "cpu" and torch.cuda.is_available()
DEVICE = torch.device("cuda" if ON_GPU else "cpu")

# Debian's build starts with one; its products are fast only where libopenblas0 is installed too
torch.set_num_threads(os.cpu_count())
# float32 means float32
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.manual_seed(1)


def narrow():
    """float16 where PyTorch itself finds it safe, if that was asked for."""
    return torch.autocast("cuda", torch.float16) if HALF and ON_GPU else contextlib.nullcontext()


def take_turns(model, run):
    parameters = sum(p.numel() for p in model.parameters())
    where = torch.cuda.get_device_name() if ON_GPU else f"{torch.get_num_threads()} threads"
    precision = ", fp16" if HALF and ON_GPU else ""
    print(f"torch {torch.__version__}, {where}{precision}, {parameters} parameters", flush=True)
    for _ in sys.stdin:
        run()
        if ON_GPU:
            torch.cuda.synchronize()
        print("done", flush=True)


def train_in_turns(model, loss_of):
    """AdamW with clipping by global norm, as src/bench/training-workload.ts has it."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.05
    )
    scaler = torch.cuda.amp.GradScaler(enabled=HALF and ON_GPU)

    def step():
        with narrow():
            loss = loss_of(model)
        optimizer.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        loss.item()

    take_turns(model, step)


def draw_in_turns(model, draw):
    model.eval()

    def run():
        with torch.inference_mode(), narrow():
            draw(model)

    take_turns(model, run)
