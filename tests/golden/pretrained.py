#!/usr/bin/env python3
"""Writes tests/golden/pretrained/: VGG16 of few filters as PyTorch and Keras write it, and what is to come of it.

    python3 tests/golden/pretrained.py                 # torch, safetensors, keras (3), h5py
    python3 tests/golden/pretrained.py --keras2        # tensorflow 2.15, whose Keras is version 2, h5py

All files hold the same numbers, drawn from the seed: whole 64ths below 2, which float16 and bfloat16 hold too.
expected.h5 has them by our names in our shapes: first filters summed over colours, matrices as kernels. The test that
reads the files needs none of the libraries (PyTorch 2.13, safetensors 0.8, Keras 3.15 and 2.15 made the files in the
repository). Two are not from the library that wrote their like: keras1.h5 is vgg16_weights_tf_dim_ordering_tf_kernels.h5
of 2016 in small, with the names that file has, and timm.safetensors has the names and shapes of timm's vgg16.
"""
import argparse
import os
import pathlib

import h5py
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent / "pretrained"
BLOCKS = ((2, 2), (3, 3), (4, 4, 4), (5, 5, 5), (5, 5, 5))
FC, CLASSES, SIDE, PARTS = 6, 4, 7, 64


def layers():
    """Layer of ours, of Keras, inputs, outputs, side of the kernel; 0 for a matrix."""
    inputs = 3
    for block, widths in enumerate(BLOCKS, 1):
        for number, width in enumerate(widths, 1):
            yield f"conv{block}_{number}", f"block{block}_conv{number}", inputs, width, 3
            inputs = width
    yield "fc6", "fc1", inputs * SIDE**2, FC, 0
    yield "fc7", "fc2", FC, FC, 0
    yield None, "predictions", FC, CLASSES, 0


def draw():
    """PyTorch's arrays by Keras's names: (weight, bias) and, of a convolution, four of its batch norm."""
    rng = np.random.default_rng(16)
    numbers = lambda *shape: (rng.integers(-127, 128, shape, np.int8) / np.float32(PARTS))
    arrays = {}
    for ours, name, inputs, outputs, side in layers():
        weight = numbers(outputs, inputs, side, side) if side else numbers(outputs, inputs)
        norm = [numbers(outputs) for _ in range(3)] + [np.abs(numbers(outputs)) + np.float32(1 / PARTS)] if side else []
        arrays[name] = (weight, numbers(outputs), *norm)
    return arrays


# ---- PyTorch ---------------------------------------------------------------------------------------------------------

def torch_model(arrays, norm):
    """torchvision's VGG, whose modules are numbered as they stand."""
    import torch
    features, classifier = [], []
    for ours, name, inputs, outputs, side in layers():
        if side:
            features += [torch.nn.Conv2d(inputs, outputs, side, padding=1)]
            features += [torch.nn.BatchNorm2d(outputs)] if norm else []
            features += [torch.nn.ReLU()]
            features += [torch.nn.MaxPool2d(2)] if name in ("block1_conv2", "block2_conv2") or "_conv3" in name else []
        else:
            classifier += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU(), torch.nn.Dropout()]
    model = torch.nn.Module()
    model.features = torch.nn.Sequential(*features)
    model.classifier = torch.nn.Sequential(*classifier[:-2])
    weighted = [m for m in model.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for module, name in zip(weighted, arrays):
        module.weight.data, module.bias.data = (torch.from_numpy(a) for a in arrays[name][:2])
    for module, name in zip(norms, arrays):
        module.weight.data, module.bias.data, module.running_mean, module.running_var = (
            torch.from_numpy(a) for a in arrays[name][2:])
    return model


# timm/models/vgg.py: what its checkpoint_filter_fn makes of torchvision's classifier, whose first layers are
# convolutions there (ConvMlp, `pre_logits`: 7x7, then 1x1), the last one a matrix (ClassifierHead, `head`).
TIMM = {"classifier.0": ("pre_logits.fc1", SIDE), "classifier.3": ("pre_logits.fc2", 1), "classifier.6": ("head.fc", 0)}


def timm_state(state):
    for name, value in state.items():
        module, tensor = name.rsplit(".", 1)
        theirs, side = TIMM.get(module, (module, 0))
        if side and tensor == "weight":
            value = value.reshape(len(value), -1, side, side)
        yield f"{theirs}.{tensor}", value


def write_torch(arrays, folder,
                files=("vgg16.safetensors", "vgg16_bn.safetensors", "half.safetensors", "timm.safetensors")):
    import torch
    from safetensors.torch import save_file
    for file in files:
        state = torch_model(arrays, file == "vgg16_bn.safetensors").state_dict()
        if file == "half.safetensors":
            state = {name: value.half() if "features" in name else value.bfloat16() for name, value in state.items()}
        if file == "timm.safetensors":
            state = dict(timm_state(state))
        save_file(state, folder / file, metadata={"format": "pt"})


# ---- Keras -----------------------------------------------------------------------------------------------------------

def keras_model(keras, arrays):
    """keras.applications.VGG16, layer by layer."""
    model = keras.Sequential(name="vgg16")
    model.add(keras.Input((32 * SIDE, 32 * SIDE, 3)))
    for ours, name, inputs, outputs, side in layers():
        if side:
            model.add(keras.layers.Conv2D(outputs, side, padding="same", activation="relu", name=name))
            if name in ("block1_conv2", "block2_conv2") or "_conv3" in name:
                model.add(keras.layers.MaxPooling2D(2, name=name.split("_")[0] + "_pool"))
        else:
            if name == "fc1":
                model.add(keras.layers.Flatten(name="flatten"))
            model.add(keras.layers.Dense(outputs, name=name))
    for name, (kernel, bias) in keras_arrays(arrays):
        model.get_layer(name).set_weights([kernel, bias])
    return model


def keras_arrays(arrays):
    """Kernels [R, S, IC, OC], and matrices that read a flattened image [H, W, C] in place of [C, H, W]."""
    for name, (weight, bias, *_) in arrays.items():
        if weight.ndim == 4:
            yield name, (weight.transpose(2, 3, 1, 0), bias)
        elif name == "fc1":
            kernel = weight.reshape(len(weight), -1, SIDE, SIDE).transpose(2, 3, 1, 0)
            yield name, (kernel.reshape(-1, len(weight)), bias)
        else:
            yield name, (weight.T, bias)


def write_keras3(arrays, folder, files=("keras3_model.h5", "keras3.weights.h5")):
    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    model = keras_model(keras, arrays)
    for file in files:
        (model.save_weights if file.endswith(".weights.h5") else model.save)(folder / file)


def write_keras2(arrays, folder):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from tensorflow import keras
    model = keras_model(keras, arrays)
    model.save_weights(folder / "keras2.h5")
    # VGG16 as one layer of a model, as it is used; and weights in which no layer has its name.
    image = keras.Input((32 * SIDE, 32 * SIDE, 3))
    keras.Model(image, keras.layers.Dense(2, name="head")(model(image))).save(folder / "keras2_part.h5")
    small = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, kernel_initializer="zeros")])
    small.save_weights(folder / "nameless.weights.h5")


def write_keras1(arrays, folder):
    with h5py.File(folder / "keras1.h5", "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in arrays]
        for name, (kernel, bias) in keras_arrays(arrays):
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}_{which}_1:0".encode() for which in "Wb"]
            group[f"{name}_W_1:0"], group[f"{name}_b_1:0"] = kernel, bias


# ---- ours ------------------------------------------------------------------------------------------------------------

def ours(arrays):
    """Layer, tensor and array as our checkpoints have them."""
    for layer, name, inputs, outputs, side in layers():
        if layer is None:
            continue
        weight, bias, *norm = arrays[name]
        if layer == "conv1_1":
            weight = weight.sum(axis=1, keepdims=True)
        elif not side:
            weight = weight.reshape(outputs, -1, *(2 * [SIDE if layer == "fc6" else 1]))
        yield layer, "weight", weight
        yield layer, "bias", bias
        for tensor, value in zip(("bn_weight", "bn_bias", "bn_mean", "bn_var"), norm):
            yield layer, tensor, value


def write_expected(arrays, folder):
    with h5py.File(folder / "expected.h5", "w", libver=("earliest", "v110")) as file:
        for layer, tensor, value in ours(arrays):
            file[f"{layer}/{tensor}"] = value


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--keras2", action="store_true", help="write the files of Keras 2")
    arrays = draw()
    HERE.mkdir(exist_ok=True)
    writers = [write_keras2] if parser.parse_args().keras2 else [write_torch, write_keras3, write_keras1,
                                                                  write_expected]
    for write in writers:
        write(arrays, HERE)
    for path in sorted(HERE.iterdir()):
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
