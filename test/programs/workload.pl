# A Perl program that allocates in the ways Perl programs do; each result is checked against a value
# that is computed in another way, so a block that was handed out twice shows as a wrong result.
# Usage: perl workload.pl ROUNDS
use strict;
use warnings;
use Config;

$| = 1;

my $rounds = shift // 4;

sub check {
  my ($what, $wanted, $got) = @_;
  print "$what: $got\n";
  die "$what should be '$wanted' but is '$got'\n" if $wanted ne $got;
}

# A text whose word number i is known: w(i * i mod 5003), 100,000 words in lines of ten.
sub text_of_words {
  my $text = '';
  for my $i (1 .. 100_000) {
    $text .= 'w' . ($i * $i % 5003) . ($i % 10 ? ' ' : "\n");
  }
  return $text;
}

# Counts the words with a regular expression and a hash, and again with split and an array.
sub word_count {
  my $text = text_of_words();
  my (%seen, @count);
  $seen{$1}++ while $text =~ /w(\d+)/g;
  $count[substr $_, 1]++ for split ' ', $text;
  my $different = grep { ($seen{$_} // 0) != ($count[$_] // 0) } 0 .. 5002;
  my $sum = 0;
  $sum += $_ for values %seen;
  check('words', 100_000, $sum);
  check('words counted differently in two ways', 0, $different);
  # The squares modulo a prime p are (p - 1) / 2 values and zero.
  check('different words', 2502, scalar keys %seen);
}

# Hashes of arrays of hashes, built, changed and taken apart.
sub nested_structures {
  my %index;
  push @{ $index{$_ % 997} }, { id => $_, name => "item $_", tags => [map { "t$_" } 0 .. $_ % 7] }
    for 1 .. 40_000;
  my ($ids, $tags, $wrong) = (0, 0, 0);
  for my $list (values %index) {
    for my $item (@$list) {
      $ids += $item->{id};
      $tags += @{ $item->{tags} };
      $wrong++ if $item->{name} ne "item $item->{id}";
    }
  }
  check('sum of the ids', 40_000 * 40_001 / 2, $ids);
  my $wanted = 0;
  $wanted += $_ % 7 + 1 for 1 .. 40_000;
  check('tags', $wanted, $tags);
  check('wrong names', 0, $wrong);
  delete @index{ grep { $_ % 2 } keys %index };
  check('lists that are left', 499, scalar keys %index);
}

sub sorting {
  my $state = 7;
  my @values = map { $state = ($state * 1103515245 + 12345) % 2147483648 } 1 .. 100_000;
  my @sorted = sort { $a <=> $b } @values;
  my @as_text = sort map { sprintf '%010d', $_ } @values;
  my $out_of_order = grep { $sorted[$_ - 1] > $sorted[$_] } 1 .. $#sorted;
  my $different = grep { $sorted[$_] != $as_text[$_] } 0 .. $#sorted;
  check('values out of order', 0, $out_of_order);
  check('values that a sort of text puts elsewhere', 0, $different);
}

# Strings that grow in place, are replaced, packed and unpacked, up to some megabytes.
sub strings {
  my $text = '';
  $text .= chr(65 + $_ % 26) x ($_ % 50) for 1 .. 100_000;
  my $length = 0;
  $length += $_ % 50 for 1 .. 100_000;
  check('length of the text', $length, length $text);
  my $letters = 0;
  for my $letter ('A' .. 'Z') {
    $letters += eval "\$text =~ tr/$letter//";
  }
  check('letters', $length, $letters);
  (my $doubled = $text) =~ s/(\w)/$1$1/g;
  check('length of the doubled text', 2 * $length, length $doubled);
  my @bytes = unpack 'C*', $text;
  check('text packed again', 'the same', pack('C*', @bytes) eq $text ? 'the same' : 'different');
}

# Children: each computes on a copy of the heap and answers through a pipe.
sub children {
  my @table = map { $_ * 3 } 0 .. 9_999;
  my $sum = 0;
  for my $child (0 .. 7) {
    my $pid = open(my $answer, '-|');
    defined $pid or die "no child process: $!\n";
    if ($pid == 0) {
      my $part = 0;
      $part += $table[$_] for grep { $_ % 8 == $child } 0 .. $#table;
      my @own = map { [$part, "child $child"] } 1 .. 5_000;
      print scalar(@own) == 5_000 ? "$part\n" : "0\n";
      exit 0;
    }
    $sum += <$answer>;
    close $answer or die "a child ended badly: $?\n";
  }
  check('sum from eight children', 3 * 9_999 * 10_000 / 2, $sum);
}

# Threads: each gets a copy of the whole interpreter, and its results are freed by the main thread.
sub threads_and_copies {
  return print "threads: this perl has none\n" unless $Config{useithreads};
  require threads;
  my $shared_text = join ',', 1 .. 2_000;
  my @workers = map {
    my $factor = $_;
    threads->create({ context => 'list' }, sub {
      my @list;
      for my $round (1 .. 20) {
        @list = map { { value => $_ * $factor } } split /,/, $shared_text;
      }
      return map { $_->{value} } @list;
    });
  } 1 .. 6;
  my $sum = 0;
  for my $worker (@workers) {
    $sum += $_ for $worker->join;
  }
  check('sum from six threads', 21 * 2_000 * 2_001 / 2, $sum);
}

for my $round (1 .. $rounds) {
  word_count();
  nested_structures();
  sorting();
  strings();
  children();
  threads_and_copies();
}
print "all results are right\n";
