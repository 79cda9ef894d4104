// SPDX-License-Identifier: MIT
#include "cgroupfs/bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include <unistd.h>

namespace cgroupfs {
namespace {

TEST(BytesOrder, is_the_order_of_the_counts) {
  EXPECT_LT(Bytes{1}, Bytes{2});
  EXPECT_EQ(Bytes{7}, Bytes{7});
  EXPECT_GT(Bytes{std::numeric_limits<std::uint64_t>::max()}, Bytes{0});
}

TEST(LimitValue, is_a_number_or_max) {
  EXPECT_TRUE(Limit::max().is_max());
  EXPECT_FALSE(Limit::of(Bytes{0}).is_max());
  EXPECT_EQ(Limit::of(Bytes{104960000}).bytes(), Bytes{104960000});
  EXPECT_THROW(static_cast<void>(Limit::max().bytes()),
               std::bad_optional_access);
}

TEST(LimitValue, has_no_number_that_means_max) {
  EXPECT_NE(Limit::of(Bytes{std::numeric_limits<std::uint64_t>::max()}),
            Limit::max());
  EXPECT_NE(Limit::of(Bytes{0}), Limit::max());
  EXPECT_EQ(Limit::max(), Limit::max());
}

TEST(LimitText, is_the_text_of_v2_files) {
  EXPECT_EQ(to_string(Limit::max()), "max");
  EXPECT_EQ(to_string(Limit::of(Bytes{0})), "0");
  EXPECT_EQ(to_string(Limit::of(Bytes{18446744073709551615u})),
            "18446744073709551615");
}

TEST(PageSize, is_the_page_size_of_the_system) {
  EXPECT_EQ(page_size().count,
            static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

TEST(RoundDownToPage, keeps_whole_pages) {
  std::uint64_t page = page_size().count;
  struct {
    std::uint64_t bytes;
    std::uint64_t expected;
  } cases[] = {{0, 0},       {1, 0},           {page - 1, 0},
               {page, page}, {page + 1, page}, {10 * page - 1, 9 * page}};
  for (const auto& c : cases) {
    EXPECT_EQ(round_down_to_page(Bytes{c.bytes}), Bytes{c.expected}) << c.bytes;
  }
  std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(round_down_to_page(Bytes{largest}), Bytes{largest - (page - 1)});
}

}  // namespace
}  // namespace cgroupfs
