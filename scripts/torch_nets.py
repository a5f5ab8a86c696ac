"""The networks of configs/nets in PyTorch, written from their references: what scripts/parity_pytorch.py holds them to.

They know nothing of the INI files, so that a wrong file shows; scripts/torch_twin.py reads those, for speed. Modules
have the names of the layers: TENSORS says which tensor of a module is which of a checkpoint's /params/LAYER. Images are
[N, 1, H, W], logits [N, 3, H, W]. NETS[name](narrow=n) has 1/n of the published filters in every layer but the scores':
for tests; n divides them all.
"""
import functools

import torch
from torch import nn
from torch.nn import functional as F

TENSORS = {"weight": "conv.weight", "bias": "conv.bias", "bn_weight": "bn.weight", "bn_bias": "bn.bias",
           "bn_mean": "bn.running_mean", "bn_var": "bn.running_var"}
VGG16 = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]]
FC = 4096  # filters of VGG16's classifier


def narrowed(groups, narrow):
    return [[filters // narrow for filters in group] for group in groups]


class Layer(nn.Module):
    """A convolution, or the transpose of one, with what follows it. A bias under batch norm would be undone by it."""

    def __init__(self, inputs, outputs, kernel, stride=1, pad=0, make=nn.Conv2d, bias=True, norm=False, relu=False):
        super().__init__()
        self.conv = make(inputs, outputs, kernel, stride, pad, bias=bias and not norm)
        self.bn = nn.BatchNorm2d(outputs) if norm else nn.Identity()
        self.relu = relu

    def forward(self, x):
        x = self.bn(self.conv(x))
        return F.relu(x) if self.relu else x


class Transposed(Layer):
    def __init__(self, *shape, **options):
        super().__init__(*shape, make=nn.ConvTranspose2d, **options)


class HandSeg(nn.Module):
    """Encoder and decoder of four 4x4 layers each; skips join before the decoder's ReLU, taken before the encoder's."""

    def __init__(self, width=64, classes=3, summed=False, narrow=1):
        super().__init__()
        width //= narrow
        self.join = torch.add if summed else lambda decoded, encoded: torch.cat((decoded, encoded), 1)
        wide = 1 if summed else 2
        halve, double = functools.partial(Layer, stride=2, pad=1), functools.partial(Transposed, stride=2, pad=1)
        self.enc1 = halve(1, width, 4)
        self.enc2 = halve(width, 2 * width, 4, norm=True)
        self.enc3 = halve(2 * width, 4 * width, 4, norm=True)
        self.enc4 = halve(4 * width, 8 * width, 4, norm=True, relu=True)
        self.dec1 = double(8 * width, 4 * width, 4, norm=True)
        self.dec2 = double(wide * 4 * width, 2 * width, 4, norm=True)
        self.dec3 = double(wide * 2 * width, width, 4, norm=True)
        self.dec4 = double(wide * width, classes, 4)

    def forward(self, x):
        first = self.enc1(x)
        second = self.enc2(F.leaky_relu(first, 0.2))
        third = self.enc3(F.leaky_relu(second, 0.2))
        x = self.dec1(self.enc4(F.leaky_relu(third, 0.2)))
        x = self.dec2(F.relu(self.join(x, third)))
        x = self.dec3(F.relu(self.join(x, second)))
        return self.dec4(F.relu(self.join(x, first)))


class Encoder(nn.Module):
    """VGG16's convolutions, conv1_1 to conv5_3, with a 2x2 pool after each group (ceil)."""

    def __init__(self, norm, first_pad=1, narrow=1):
        super().__init__()
        self.groups = narrowed(VGG16, narrow)
        inputs = 1
        for group, filters in enumerate(self.groups, 1):
            for number, outputs in enumerate(filters, 1):
                pad = first_pad if (group, number) == (1, 1) else 1
                setattr(self, f"conv{group}_{number}", Layer(inputs, outputs, 3, pad=pad, norm=norm, relu=True))
                inputs = outputs

    def encode(self, x):
        """What the pools give, and (places, size) for what puts it back."""
        pooled, kept = [], []
        for group, filters in enumerate(self.groups, 1):
            for number in range(1, len(filters) + 1):
                x = getattr(self, f"conv{group}_{number}")(x)
            size = x.shape[2:]
            x, places = F.max_pool2d(x, 2, ceil_mode=True, return_indices=True)
            pooled.append(x)
            kept.append((places, size))
        return pooled, kept


def unpool(x, kept):
    places, size = kept
    return F.max_unpool2d(x.contiguous(), places.contiguous(), 2, output_size=size)


class SegNet(Encoder):
    """The encoder's mirror image, group by group: deconv5_3 undoes conv5_3, deconv1_1 gives the classes."""

    def __init__(self, classes=3, narrow=1):
        super().__init__(norm=True, narrow=narrow)
        groups = self.groups
        inputs = groups[-1][-1]
        for group in range(5, 0, -1):
            for number in range(len(groups[group - 1]), 0, -1):
                outputs = groups[group - 1][number - 2] if number > 1 else groups[group - 2][-1] if group > 1 else classes
                inner = (group, number) != (1, 1)
                setattr(self, f"deconv{group}_{number}", Layer(inputs, outputs, 3, pad=1, norm=inner, relu=inner))
                inputs = outputs

    def forward(self, x):
        pooled, kept = self.encode(x)
        x = pooled[-1]
        for group in range(5, 0, -1):
            x = unpool(x, kept[group - 1])
            for number in range(len(self.groups[group - 1]), 0, -1):
                x = getattr(self, f"deconv{group}_{number}")(x)
        return x


class DeconvNet(Encoder):
    """Down to fc6 and fc7, and back up by transposed convolutions; unpooling as in SegNet."""

    DECODER = [[512, 512, 512], [512, 512, 256], [256, 256, 128], [128, 64], [64, 64]]

    def __init__(self, classes=3, narrow=1):
        super().__init__(norm=True, narrow=narrow)
        self.decoder = dict(zip((5, 4, 3, 2, 1), narrowed(self.DECODER, narrow)))
        inputs, fc = self.groups[-1][-1], FC // narrow
        self.fc6 = Layer(inputs, fc, 7, norm=True, relu=True)
        self.fc7 = Layer(fc, fc, 1, norm=True, relu=True)
        self.fc6_deconv = Transposed(fc, inputs, 7, norm=True, relu=True)
        for group, filters in self.decoder.items():
            for number, outputs in enumerate(filters, 1):
                setattr(self, f"deconv{group}_{number}", Transposed(inputs, outputs, 3, pad=1, norm=True, relu=True))
                inputs = outputs
        self.score = Layer(inputs, classes, 1)

    def forward(self, x):
        pooled, kept = self.encode(x)
        x = self.fc6_deconv(self.fc7(self.fc6(pooled[-1])))
        for group, filters in self.decoder.items():
            x = unpool(x, kept[group - 1])
            for number in range(1, len(filters) + 1):
                x = getattr(self, f"deconv{group}_{number}")(x)
        return self.score(x)


class FCN(Encoder):
    """FCN32s, FCN16s and FCN8s, `stride` 32, 16 and 8, with convolutions that keep sizes."""

    def __init__(self, stride, classes=3, first_pad=1, fc6_pad=3, narrow=1):
        super().__init__(norm=False, first_pad=first_pad, narrow=narrow)
        self.stride = stride
        pool3, pool4, pool5 = (filters[-1] for filters in self.groups[2:])
        self.fc6 = Layer(pool5, FC // narrow, 7, pad=fc6_pad, relu=True)
        self.fc7 = Layer(FC // narrow, FC // narrow, 1, relu=True)
        self.score = Layer(FC // narrow, classes, 1)
        self.drop = nn.Dropout2d()
        if stride <= 16:
            self.upscore2 = Transposed(classes, classes, 4, stride=2, pad=1, bias=False)
            self.score_pool4 = Layer(pool4, classes, 1)
        if stride <= 8:
            self.upscore4 = Transposed(classes, classes, 4, stride=2, pad=1, bias=False)
            self.score_pool3 = Layer(pool3, classes, 1)

    def classify(self, x):
        return self.score(self.drop(self.fc7(self.drop(self.fc6(x)))))

    def forward(self, image):
        pooled, _ = self.encode(image)
        x = self.classify(pooled[4])
        if self.stride <= 16:
            x = add_cropped(self.upscore2(x), self.score_pool4(pooled[3]))
        if self.stride <= 8:
            x = add_cropped(self.upscore4(x), self.score_pool3(pooled[2]))
        x = F.interpolate(x, scale_factor=self.stride, mode="bilinear", align_corners=False)
        return x[:, :, :image.shape[2], :image.shape[3]]


def add_cropped(upsampled, score):
    return upsampled[:, :, :score.shape[2], :score.shape[3]] + score


class PaddedFCN32s(FCN):
    """As published: a border of 100, whole windows in fc6, a fixed transposed convolution, 19 cut off."""

    def __init__(self, classes=3, narrow=1):
        super().__init__(32, classes, first_pad=100, fc6_pad=0, narrow=narrow)
        tent = 1 - (torch.arange(64) - 31.5).abs() / 32
        self.upscore = nn.ConvTranspose2d(classes, classes, 64, 32, bias=False).requires_grad_(False)
        self.upscore.weight.copy_(torch.eye(classes)[:, :, None, None] * tent[:, None] * tent)

    def forward(self, image):
        pooled, _ = self.encode(image)
        x = self.upscore(self.classify(pooled[4]))
        return x[:, :, 19:19 + image.shape[2], 19:19 + image.shape[3]]


NETS = {
    "handseg": HandSeg,
    "handseg_sum": functools.partial(HandSeg, summed=True),
    "handseg_half": functools.partial(HandSeg, width=32),
    "fcn32s": functools.partial(FCN, 32),
    "fcn16s": functools.partial(FCN, 16),
    "fcn8s": functools.partial(FCN, 8),
    "fcn32s_pad100": PaddedFCN32s,
    "segnet": SegNet,
    "deconvnet": DeconvNet,
}
