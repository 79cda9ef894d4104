// SPDX-License-Identifier: MIT
#pragma once

// The texts of a bench in both languages.

#include "lab/base/message.h"

namespace lab::bench_messages {

// Progress.
inline constexpr Message progress("{0} of {1} runs, {2} left",
                                  "已完成 {0}/{1} 次，还需 {2}");
inline constexpr Message interrupted(
    "Interrupted by {0} after {1} of {2} runs.",
    "被 {0} 中断：共 {2} 次，完成了 {1} 次。");

// The table.
inline constexpr Message caption(
    "Times in milliseconds, measured by cglab {0}. Median, p95, Min and Max "
    "are of the whole program. Run (from the gate to the end) and Detection "
    "(from the last touch to the first notification) are medians.",
    "时间以毫秒计，由 cglab {0} 测得。中位数、p95、最小和最大是整个程序的；"
    "运行（从放行到结束）和察觉（从最后一次触碰到第一个通知）是中位数。");
/// The same of a sweep, whose kinds of hosts name the version.
inline constexpr Message sweep_caption(
    "Times in milliseconds. Median, p95, Min and Max are of the whole program. "
    "Run (from the gate to the end) and Detection (from the last touch to the "
    "first notification) are medians.",
    "时间以毫秒计。中位数、p95、最小和最大是整个程序的；"
    "运行（从放行到结束）和察觉（从最后一次触碰到第一个通知）是中位数。");
inline constexpr Message case_column("Case", "情形");
inline constexpr Message runs_column("Runs", "次数");
inline constexpr Message median_column("Median", "中位数");
inline constexpr Message p95_column("p95", "p95");
inline constexpr Message min_column("Min", "最小");
inline constexpr Message max_column("Max", "最大");
inline constexpr Message run_column("Run", "运行");
inline constexpr Message detection_column("Detection", "察觉");

// Verdicts.
inline constexpr Message verdicts("{0}: {1}", "{0}：{1}");
/// A verdict, and how many runs had it.
inline constexpr Message verdict_count("{0} ({1})", "{0}（{1} 次）");
/// Of a command, and how many runs had it.
inline constexpr Message exit_status_count("exit status {0} ({1})",
                                           "退出状态 {0}（{1} 次）");
inline constexpr Message between_verdicts("; ", "；");

// Warnings.
inline constexpr Message warning("Warning: {0}", "警告：{0}");
inline constexpr Message outliers(
    "{0} of {1} runs of {2} are outliers, probably from other load. Stop other "
    "programs, or use --jobs 1, more --warmup or more --runs.",
    "{2} 的 {1} 次运行中有 {0} 次是离群值，多半因为其他负载。"
    "请停掉其他程序，或使用 --jobs 1，或增大 --warmup 或 --runs。");
inline constexpr Message sweep_outliers(
    "{0} of {1} runs of {2} are outliers, probably from other load. Run one "
    "cell at a time on a host, or repeat more often.",
    "{2} 的 {1} 次运行中有 {0} 次是离群值，多半因为其他负载。"
    "请让每台主机一次只运行一个单元，或增加重复次数。");
/// A case, and the kind of its hosts.
inline constexpr Message case_of_kind("{0} (kind {1})", "{0}（种类 {1}）");
inline constexpr Message mixed_verdicts(
    "runs of {0} had different verdicts, so their times are not comparable: "
    "{1}.",
    "{0} 的各次运行结论不同，所以时间不可比较：{1}。");
inline constexpr Message not_as_predicted(
    "{0} of {1} runs of {2} did not end as the experiment predicts, so their "
    "times may have another cause. Run `cglab {3}` to see why.",
    "{2} 的 {1} 次运行中有 {0} 次的结果与实验的预测不符，"
    "所以时间可能另有原因。用 `cglab {3}` 查看原因。");

// A sweep.
inline constexpr Message cells_measured(
    "{0} of {1} cells measured, {2} missing, {3} failed.",
    "{1} 个单元中，{0} 个已测得，{2} 个缺失，{3} 个失败。");
inline constexpr Message hosts_heading("Hosts", "主机");
inline constexpr Message kinds_apart(
    "The hosts are of different kinds, so their times are reported "
    "separately.",
    "这些主机种类不同，所以它们的时间分开列出。");
inline constexpr Message property_column("Property", "属性");
inline constexpr Message kind_column("Kind {0}", "种类 {0}");
/// Of hosts of one kind.
inline constexpr Message about_memory("about {0}", "约 {0}");
inline constexpr Message page_size_label("page size", "页大小");
inline constexpr Message vm_host_label("VM on", "虚拟机所在主机");
inline constexpr Message hosts_row("hosts", "主机");
inline constexpr Message more_hosts("{0} and {1} more", "{0} 以及另外 {1} 台");
inline constexpr Message times_heading("Times", "时间");
inline constexpr Message missing_heading("Missing cells: {0}",
                                         "缺失的单元：{0} 个");
inline constexpr Message failed_heading("Failed cells: {0}",
                                        "失败的单元：{0} 个");
/// Its number in the plan, its case and its id.
inline constexpr Message cell_words("{0} ({1}), {2}", "{0}（{1}），{2}");
inline constexpr Message failed_cell("{0}, on {1}: exit status {2}: {3}",
                                     "{0}，在 {1} 上，退出状态 {2}。{3}");
inline constexpr Message no_message("no error message", "没有错误信息");
inline constexpr Message damaged_cell("{0}: {1}", "{0}：{1}");
inline constexpr Message more_notes(
    "And {0} more; --format json lists all of them.",
    "还有 {0} 个；--format json 列出全部。");

// The page.
inline constexpr Message every_run("Every run", "每次运行");
inline constexpr Message legend(
    "Each point is a run, the first one at the top. Thick line: median; dashed "
    "line: p95; whisker: min to max. All cases share one axis in "
    "milliseconds.",
    "每个点是一次运行，第一次在最上面。粗线：中位数；虚线：p95；"
    "横须：最小到最大。所有情形共用一个以毫秒计的坐标轴。");
inline constexpr Message logarithmic("The axis is logarithmic.",
                                     "坐标轴是对数的。");
inline constexpr Message some_runs(
    "Of more than {0} runs only every nth is drawn.",
    "超过 {0} 次运行时，每隔几次只画一次。");
inline constexpr Message save_runs("Save the table of runs (CSV)",
                                   "保存每次运行的表格（CSV）");
inline constexpr Message save_all("Save all measurements (JSON)",
                                  "保存全部测量值（JSON）");

// Labels in the charts, whose placeholders the page fills.
inline constexpr Message run_label("run {0}: {1} ms", "第 {0} 次：{1} ms");
inline constexpr Message median_label("median {0} ms", "中位数 {0} ms");
inline constexpr Message p95_label("p95 {0} ms", "p95 {0} ms");
inline constexpr Message case_label("{0}: median {1} ms", "{0}：中位数 {1} ms");

}  // namespace lab::bench_messages
