// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make_tmpfs() {
  return {
      .question =
          {"Which memory stays charged after its process was OOM-killed?",
           "进程被 OOM killer 杀死后，哪些内存还记在账上？"},
      .prediction =
          {"All of a tmpfs file, until its last link and descriptor are gone.",
           "整个 tmpfs 文件，直到最后一个链接和描述符都不在了。"},
      .control_run =
          {"anonymous memory instead of the file: it is freed with the process",
           "用匿名内存代替文件：它随进程一起释放"},
      .procedure =
          {
              .cgroups = {{"files", {{File::memory_max, Part{1, 1}}}}},
              .processes =
                  {unless_control(ProcessSpec{.name = "hog",
                                              .cgroup = "files",
                                              .total = Part{2, 1},
                                              .memory = "file",
                                              .backing = Backing::tmpfs}),
                   in_control(ProcessSpec{
                       .name = "hog", .cgroup = "files", .total = Part{2, 1}})},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(100)), step::mark("dead"),
                        step::release_file("hog"),
                        step::rest(milliseconds(200))},
              .claims = {{{"the hog was killed by SIGKILL",
                           "占内存程序因 SIGKILL 结束"},
                          {"hog", "signal"},
                          Relation::equals,
                          std::uint64_t{9}},
                         {{"an OOM kill was counted", "计入了 OOM kill"},
                          {"files", "oom_kill"},
                          Relation::rises},
                         decided_by_cause(
                             {{"the file stayed charged after the kill",
                               "进程被杀后，文件仍记在账上"},
                              {"files", "usage", "dead"},
                              Relation::at_least,
                              Part{3, 4}}),
                         {{"almost nothing is charged at the end",
                           "最后账上几乎什么都没有"},
                          {"files", "usage"},
                          Relation::at_most,
                          Part{1, 4}}},
          },
      .lesson = "charge",
  };
}

const ExperimentRegistration tmpfs_registration(
    "tmpfs",
    {"a tmpfs file stays charged after its writer was killed",
     "写 tmpfs 文件的进程被杀后，文件仍记在账上"},
    make_tmpfs);

}  // namespace
}  // namespace lab
