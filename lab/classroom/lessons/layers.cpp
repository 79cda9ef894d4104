// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonRow sharing[] = {
    {Message("what", "什么"), Message("shared", "共享"),
     Message("details", "说明")},
    {Message("layers of images", "镜像的层"), Message("yes", "是"),
     Message("stored once, for all images and containers that have "
             "them; they never change",
             "只存一份，供所有含有它的镜像和容器使用；从不改变")},
    {Message("a file that a container writes", "容器写过的文件"),
     Message("no", "否"),
     Message(
         "copied up: on its first write the whole file is copied from the "
         "lower directory to the container's own upper directory",
         "写时复制（copy-up）：第一次写入时，整个文件从下层目录复制到容器自己"
         "的上层目录")},
    {Message("page cache of a lower file", "下层文件的页缓存"),
     Message("yes", "是"),
     Message("read once for all containers; charged to the cgroup that read it "
             "first",
             "所有容器只读入一次；记在最先读它的 cgroup 账上")},
    {Message("memory that a program writes", "程序写入的内存"),
     Message("no", "否"),
     Message("charged to the cgroup of the writing process",
             "记在写入进程的 cgroup 账上")},
};

constexpr LessonPart layers_body[] = {
    paragraph(
        "As large as before. A layer is an archive of what an instruction has "
        "changed, and later layers cannot change it. A deletion is an entry in "
        "a later layer, the whiteout `.wh.big`, which hides the file. The data "
        "stays in the earlier layer: it is pushed, pulled and stored, and "
        "whoever has the image can read it. That holds for passwords, too.",
        "和原来一样大。一层就是一条指令所做改动的归档，后面的层改不了它。"
        "删除是后面一层里的一个条目，即 whiteout 文件 `.wh.big`，它把文件遮住。"
        "数据仍在前面的层里：照样推送、拉取、存储，拿到镜像的人都能读到。"
        "密码也是如此。"),
    paragraph(
        "Of a stage, only what `COPY --from` copies gets into the image; its "
        "layers, its tools and its secrets stay on the host that built it.",
        "一个构建阶段里，只有 `COPY --from` 复制的东西进入镜像；它的各层、"
        "工具和密码都留在构建它的主机上。"),
    table(sharing),
    paragraph(
        "So the memory of a container depends on what ran before: the first "
        "one to read a library pays for its page cache, the second gets it for "
        "free, and the first keeps the charge until the pages are reclaimed.",
        "所以一个容器的用量取决于之前运行过什么：先读某个库的容器为页缓存付账，"
        "后读的免费使用；在这些页被回收之前，账一直记在前者头上。"),
};

constexpr LessonPart layers_experiments[] = {
    paragraph("With `buildah`, and a static `busybox` (`busybox-static`).",
              "用 `buildah`，以及静态链接的 `busybox`（`busybox-static`）。"),
    command("mkdir cglab-layers && cd cglab-layers"),
    command("cp \"$(command -v busybox)\" busybox"),
    command("head -c 20M /dev/urandom > big"),
    command("printf '%s\\n' 'FROM scratch AS build' \\\n"
            "  'COPY busybox big /' \\\n"
            "  'RUN [\"/busybox\", \"rm\", \"/big\"]' \\\n"
            "  'RUN [\"/busybox\", \"touch\", \"/result\"]' \\\n"
            "  'FROM scratch' 'COPY --from=build /result /' \\\n"
            "  > Containerfile"),
    question("How large is the stage that deletes `big`, and how large is the "
             "image?",
             "删掉了 `big` 的那个阶段有多大？镜像又有多大？"),
    command("buildah build --layers --target build -t lesson-deleted ."),
    command("buildah build --layers -t lesson-small ."),
    command("buildah images lesson-deleted"),
    command("buildah images lesson-small"),
    question("In which of its layers is `big`, and in which is the whiteout?",
             "`big` 在哪一层里？whiteout 又在哪一层里？"),
    command("buildah push -q lesson-deleted dir:deleted"),
    command("for layer in deleted/*; do\n"
            "  echo \"$layer\"; tar tf \"$layer\" 2>/dev/null; done"),
    question(
        "A container by hand, as root: `big` gets one more byte. How "
        "large is the copy in `upper`?",
        "以 root 身份手工搭一个容器的文件系统：`big` 多写一个字节。`upper` "
        "里的副本有多大？"),
    command("mkdir lower upper work root && mv big lower"),
    command("unshare --mount sh -c '\n"
            "  mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work "
            "none root\n"
            "  echo >> root/big; ls -l lower upper'"),
    question(
        "Two containers on one layer read the same file: what is the peak "
        "of each? (`dd` drops the file from the page cache first, which does "
        "not work on a tmpfs.)",
        "两个容器共用一层，读同一个文件：各自的峰值是多少？"
        "（`dd` 先把文件清出页缓存；在 tmpfs 上不起作用。）"),
    command("mkdir a wa b wb root2"),
    command(
        "sync lower/big; dd if=lower/big iflag=nocache count=0 2>/dev/null"),
    command("unshare --mount sh -c '\n"
            "  mount -t overlay -o lowerdir=lower,upperdir=a,workdir=wa none "
            "root\n"
            "  mount -t overlay -o lowerdir=lower,upperdir=b,workdir=wb none "
            "root2\n"
            "  cglab run --limit 100M -- md5sum root/big\n"
            "  cglab run --limit 100M -- md5sum root2/big'"),
    paragraph("To remove all of it:", "全部删除："),
    command("cd .. && rm -r cglab-layers"),
    command("buildah rmi lesson-small lesson-deleted"),
};

}  // namespace

constexpr Lesson layers_lesson = {
    "layers",
    {"Layers: what an image and its containers share",
     "层：镜像与容器之间共享什么"},
    {"what a deleted file costs, and who pays for shared files",
     "删掉的文件占多少，共享的文件记谁的账"},
    {"One instruction copies a file of 20 MiB into an image, the next one "
     "deletes it. How large is the image?",
     "一条指令把 20 MiB 的文件复制进镜像，下一条把它删掉。镜像有多大？"},
    layers_body,
    layers_experiments,
};

}  // namespace lab
