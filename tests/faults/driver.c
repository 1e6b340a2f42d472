// A Vulkan driver that passes everything on to a real one, but for the faults that the environment asks for:
// what a lost device, a batch that the system kills, and a full memory look like to a program.
//
//   FAULT_DRIVER=PATH      the real driver
//   FAULT_HARDWARE=1       its device says that it is a discrete GPU
//   FAULT_LOSE_AT=N        the device is lost at the Nth wait, and stays so
//   FAULT_LEAVE_OUT=N      the Nth batch is not done, though everything says that it is
//   FAULT_MEMORY=BYTES     no more than this can be allocated

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef void (*Function)(void);
typedef Function (*GetProc)(void *, const char *);

enum { LOST = -4, NO_MEMORY = -2, DISCRETE = 2 };

static void *real;
static GetProc instance_proc, device_proc;
static int is_lost;

static uint64_t asked(const char *name) {
    const char *value = getenv(name);
    return value ? strtoull(value, NULL, 10) : 0;
}

static int32_t (*wait_real)(void *, const void *, uint64_t);
static int32_t wait_faulty(void *device, const void *info, uint64_t timeout) {
    static uint64_t waits;
    uint64_t at = asked("FAULT_LOSE_AT");
    if (at && __sync_add_and_fetch(&waits, 1) >= at)
        is_lost = 1;
    return is_lost ? LOST : wait_real(device, info, timeout);
}

// VkSubmitInfo.
struct Submit {
    uint32_t type;
    const void *next;
    uint32_t n_waits;
    const void *waits, *masks;
    uint32_t n_commands;
    const void *commands;
    uint32_t n_signals;
    const void *signals;
};

static int32_t (*submit_real)(void *, uint32_t, const struct Submit *, uint64_t);
static int32_t submit_faulty(void *queue, uint32_t count, const struct Submit *submits, uint64_t fence) {
    static uint64_t batches;
    if (is_lost)
        return LOST;
    uint64_t at = asked("FAULT_LEAVE_OUT");
    if (at && count == 1 && __sync_add_and_fetch(&batches, 1) == at) {
        struct Submit empty = *submits;
        empty.n_commands = 0;
        return submit_real(queue, 1, &empty, fence);
    }
    return submit_real(queue, count, submits, fence);
}

// VkMemoryAllocateInfo.
struct Allocate {
    uint32_t type;
    const void *next;
    uint64_t bytes;
    uint32_t kind;
};

static int32_t (*allocate_real)(void *, const struct Allocate *, const void *, uint64_t *);
static int32_t allocate_faulty(void *device, const struct Allocate *info, const void *with, uint64_t *memory) {
    static uint64_t held;
    uint64_t most = asked("FAULT_MEMORY");
    if (most && held + info->bytes > most)
        return NO_MEMORY;
    held += info->bytes;
    return allocate_real(device, info, with, memory);
}

// VkPhysicalDeviceProperties begins with four words of versions and numbers, then the type.
static void call_it_hardware(uint32_t *properties) {
    if (asked("FAULT_HARDWARE"))
        properties[4] = DISCRETE;
}

static void (*properties_real)(void *, uint32_t *);
static void properties_faulty(void *device, uint32_t *properties) {
    properties_real(device, properties);
    call_it_hardware(properties);
}

// VkPhysicalDeviceProperties2: type and next before the same.
struct Properties2 {
    uint32_t type;
    void *next;
    uint32_t properties[];
};

static void (*properties2_real)(void *, struct Properties2 *);
static void properties2_faulty(void *device, struct Properties2 *properties) {
    properties2_real(device, properties);
    call_it_hardware(properties->properties);
}

static const struct {
    const char *name;
    Function faulty;
    Function *real;
} HOOKS[] = {
    {"vkWaitSemaphores", (Function)wait_faulty, (Function *)&wait_real},
    {"vkWaitSemaphoresKHR", (Function)wait_faulty, (Function *)&wait_real},
    {"vkQueueSubmit", (Function)submit_faulty, (Function *)&submit_real},
    {"vkAllocateMemory", (Function)allocate_faulty, (Function *)&allocate_real},
    {"vkGetPhysicalDeviceProperties", (Function)properties_faulty, (Function *)&properties_real},
    {"vkGetPhysicalDeviceProperties2", (Function)properties2_faulty, (Function *)&properties2_real},
    {"vkGetPhysicalDeviceProperties2KHR", (Function)properties2_faulty, (Function *)&properties2_real},
};

static Function hooked(const char *name, Function found) {
    for (size_t i = 0; found && i < sizeof HOOKS / sizeof *HOOKS; i++)
        if (!strcmp(name, HOOKS[i].name)) {
            *HOOKS[i].real = found;
            return HOOKS[i].faulty;
        }
    return found;
}

static Function device_hooked(void *device, const char *name) { return hooked(name, device_proc(device, name)); }

static void *symbol(const char *name) {
    if (!real)
        real = dlopen(getenv("FAULT_DRIVER"), RTLD_NOW | RTLD_LOCAL);
    return real ? dlsym(real, name) : NULL;
}

Function vk_icdGetInstanceProcAddr(void *instance, const char *name) {
    if (!instance_proc)
        instance_proc = (GetProc)symbol("vk_icdGetInstanceProcAddr");
    Function found = instance_proc ? instance_proc(instance, name) : NULL;
    if (found && !strcmp(name, "vkGetDeviceProcAddr")) {
        device_proc = (GetProc)found;
        return (Function)device_hooked;
    }
    return hooked(name, found);
}

Function vk_icdGetPhysicalDeviceProcAddr(void *instance, const char *name) {
    GetProc get = (GetProc)symbol("vk_icdGetPhysicalDeviceProcAddr");
    return get ? hooked(name, get(instance, name)) : NULL;
}

int32_t vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
    int32_t (*negotiate)(uint32_t *) = symbol("vk_icdNegotiateLoaderICDInterfaceVersion");
    return negotiate ? negotiate(version) : -9;
}
