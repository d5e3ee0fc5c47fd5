# A perl workload: hashes of arrays, string building, splitting, sorting; prints a check sum.
# usage: perl hashes.pl COUNT
use strict;
use warnings;

my $count = shift @ARGV;
my (%index, @lines);
for my $i (1 .. $count) {
  my $line = join ',', map { $_ * $i % 977 } 1 .. 8;
  push @lines, $line;
  push @{ $index{ $i % 3001 }{words} }, split /,/, $line;
  $index{ $i % 3001 }{text} .= substr $line, 0, 5;
  delete $index{ ($i * 7) % 3001 } if $i % 11 == 0;
}
my $sum = 0;
for my $key (sort { $a <=> $b } keys %index) {
  $sum = ($sum * 31 + @{ $index{$key}{words} || [] } + length($index{$key}{text} || '')) % 1000003;
}
my %unique = map { $_ => 1 } @lines;
print scalar(@lines), ' ', scalar(keys %unique), " $sum\n";
