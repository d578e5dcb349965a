"""Registers, spills and occupancy of every shader on AMD GPUs, as Mesa's compiler for them says, without such a GPU: a device
that computes nothing (`RADV_FORCE_FAMILY`) compiles as a real one does. Usage: registers.py FOLDER with the SPIR-V that
tests/compilers.rs writes. Invariant: nothing is submitted, which a device that computes nothing does not survive."""

import json
import sys
from pathlib import Path

import vulkan as vk

STATISTICS = 0x40  # VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR
EXTENSION = "VK_KHR_pipeline_executable_properties"


def device():
    """The first physical device with the extension, and a logical one of it."""
    about = vk.VkApplicationInfo(pApplicationName="registers", apiVersion=vk.VK_MAKE_VERSION(1, 2, 0))
    instance = vk.vkCreateInstance(vk.VkInstanceCreateInfo(pApplicationInfo=about), None)
    physical = vk.vkEnumeratePhysicalDevices(instance)[0]
    queue = vk.VkDeviceQueueCreateInfo(queueFamilyIndex=0, queueCount=1, pQueuePriorities=[1.0])
    wanted = vk.VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR(pipelineExecutableInfo=1)
    create = vk.VkDeviceCreateInfo(
        pNext=wanted, pQueueCreateInfos=[queue], ppEnabledExtensionNames=[EXTENSION], queueCreateInfoCount=1
    )
    name = vk.vkGetPhysicalDeviceProperties(physical).deviceName
    return instance, vk.vkCreateDevice(physical, create, None), name


def statistics(instance, logical, path):
    """What the compiler says of one entry point, by name."""
    about = json.loads(path.with_suffix(".json").read_text())
    kinds = [vk.VK_DESCRIPTOR_TYPE_STORAGE_BUFFER] * about["storage"] + [vk.VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER]
    bindings = [
        vk.VkDescriptorSetLayoutBinding(
            binding=i, descriptorType=kind, descriptorCount=1, stageFlags=vk.VK_SHADER_STAGE_COMPUTE_BIT
        )
        for i, kind in enumerate(kinds)
    ]
    layout = vk.vkCreateDescriptorSetLayout(logical, vk.VkDescriptorSetLayoutCreateInfo(pBindings=bindings), None)
    pipeline_layout = vk.vkCreatePipelineLayout(logical, vk.VkPipelineLayoutCreateInfo(pSetLayouts=[layout]), None)
    code = path.read_bytes()
    module = vk.vkCreateShaderModule(logical, vk.VkShaderModuleCreateInfo(codeSize=len(code), pCode=code), None)
    stage = vk.VkPipelineShaderStageCreateInfo(
        stage=vk.VK_SHADER_STAGE_COMPUTE_BIT, module=module, pName=about["entry"]
    )
    create = vk.VkComputePipelineCreateInfo(flags=STATISTICS, stage=stage, layout=pipeline_layout)
    pipeline = vk.vkCreateComputePipelines(logical, vk.VK_NULL_HANDLE, 1, [create], None)[0]
    ask = vk.vkGetDeviceProcAddr(logical, "vkGetPipelineExecutableStatisticsKHR")
    found = ask(logical, vk.VkPipelineExecutableInfoKHR(pipeline=pipeline, executableIndex=0))
    values = {}
    for one in found:
        name = one.name if isinstance(one.name, str) else vk.ffi.string(one.name).decode()
        values[name] = one.value.u64
    return about, values


def main():
    instance, logical, name = device()
    rows = {}
    for path in sorted(Path(sys.argv[1]).glob("*.spv")):
        about, values = statistics(instance, logical, path)
        constants = " ".join(f"{n}={v}" for n, v in about["constants"])
        rows.setdefault(about["entry"], []).append((constants, values))
    print(name)
    print(f"{'entry point':30} {'VGPRs':>6} {'SGPRs':>6} {'spilled':>8} {'scratch':>8} {'LDS':>6} {'waves':>6}  constants")
    for entry, all_of_it in sorted(rows.items()):
        for constants, v in sorted(all_of_it, key=lambda row: -row[1].get("VGPRs", 0))[:3]:
            spilled = v.get("Spilled VGPRs", 0) + v.get("Spilled SGPRs", 0)
            print(
                f"{entry:30} {v.get('VGPRs', 0):6} {v.get('SGPRs', 0):6} {spilled:8} {v.get('Scratch size', 0):8}"
                f" {v.get('LDS size', 0):6} {v.get('Subgroups per SIMD', v.get('Max Waves', 0)):6}  {constants}"
            )
    # Nothing is destroyed: a device that computes nothing may not survive it.


main()
