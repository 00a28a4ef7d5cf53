using System.Buffers;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Daemon;
using Ringfence.Sources;
using Ringfence.Tests.Detection;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Daemon;

public sealed class LogReadersTests
{
    private const string Path = "/var/log/asterisk/security";
    private const string NotUnderstood = "[2026-11-20 12:00:00.000] SECURITY[1] res_security_log.c: SecurityEvent=\"Unheard\",Of=\"1\"\n";

    private readonly ManualTime _time = new();
    private readonly Judge _judge;
    private readonly LogReaders _readers;

    public LogReadersTests()
    {
        // Four hours before the first of the events.
        _time.Advance(Time(0) - _time.GetUtcNow());
        var detector = new Detector(new DetectionSettings());
        _judge = new Judge(detector, new Decider(Trial.Exact, new DetectionSettings(), new BanLedger(Trial.Exact, 1)));
        _readers = new LogReaders(detector, TimeZoneInfo.Utc, managerOverHttp: false, [], _time);
    }

    private LogState State => _readers.States.Single();

    [Fact]
    public void A_line_counts_once_whatever_the_batches_are_cut_into()
    {
        var file = new LogIdentity(1, 2, 0);
        var text = Many(5, i => WrongPassword(i));

        Read(file, 0, text[..700], starts: true);
        Read(file, 700, text[700..]);

        Assert.Single(_judge.Decisions);
        Assert.Equal((5L, 5L), (_readers.CountsOf(Path).Events, _readers.CountsOf(Path).Lines));
        Assert.Equal((text.Length, 5), Assert.Single(_readers.TakePositions()) is var position ? ((int)position.Offset, (int)position.Line) : default);
        Assert.Empty(_readers.TakePositions());
    }

    [Fact]
    public void The_position_stands_behind_the_last_whole_line()
    {
        var first = WrongPassword(0);

        Read(new LogIdentity(1, 2, 0), 0, first + "[2026-11-20 12:", starts: true);

        var position = Assert.Single(_readers.TakePositions());
        Assert.Equal((first.Length, 1L), ((int)position.Offset, position.Line));
    }

    [Fact]
    public void The_lines_before_the_place_where_reading_began_were_not_read()
    {
        Read(new LogIdentity(1, 2, 1_000), 50_000, WrongPassword(0) + WrongPassword(1), starts: true);
        Read(new LogIdentity(1, 3, 0), 0, WrongPassword(2), starts: true);

        Assert.Equal(3, State.Lines);
    }

    [Fact]
    public void A_start_in_the_middle_of_a_line_skips_to_the_next()
    {
        Read(new LogIdentity(1, 2, 9), 500, "tail of a line that nobody saw begin", starts: true, midLine: true);
        Read(new LogIdentity(1, 2, 9), 536, "\n" + WrongPassword(0), starts: true, midLine: true);

        Assert.Equal(1, _readers.CountsOf(Path).Events);
    }

    [Fact]
    public void Counts_of_a_file_that_was_rotated_away_are_kept_and_its_last_half_line_is_a_line()
    {
        var old = new LogIdentity(1, 2, 0);
        Read(old, 0, WrongPassword(0) + WrongPassword(1).TrimEnd('\n'), starts: true);
        Read(old, 1000, "", ends: true);
        Read(new LogIdentity(1, 3, 0), 0, WrongPassword(2), starts: true);

        Assert.Equal(3, _readers.CountsOf(Path).Events);
    }

    [Fact]
    public void What_comes_late_of_the_old_file_leaves_the_position_in_the_new_one()
    {
        var (old, next) = (new LogIdentity(1, 2, 0), new LogIdentity(1, 3, 0));
        Read(old, 0, WrongPassword(0), starts: true);
        Read(next, 0, WrongPassword(1), starts: true);
        Read(old, WrongPassword(0).Length, WrongPassword(2), late: true);

        Assert.Equal(3UL, Assert.Single(_readers.TakePositions()).Inode);
        Assert.Equal(3, _readers.CountsOf(Path).Events);
    }

    [Fact]
    public void Old_lines_that_are_caught_up_with_say_nothing_about_the_clock_and_new_ones_do()
    {
        var file = new LogIdentity(1, 2, 0);
        Read(file, 0, WrongPassword(-7200), starts: true);
        Assert.Equal(TimeSpan.Zero, State.Skew);
        Assert.Equal(Time(-7200), State.LastEvent);

        Read(file, WrongPassword(-7200).Length, WrongPassword(-3600), fresh: true);

        Assert.Equal(TimeSpan.FromHours(1), State.Skew);
    }

    [Fact]
    public void Lines_that_are_not_understood_are_in_a_row_until_one_is_or_an_hour_has_passed()
    {
        var file = new LogIdentity(1, 2, 0);
        Read(file, 0, Many(3, _ => NotUnderstood), starts: true);
        Assert.Equal((3L, Time(0)), (State.UnmatchedInRow, State.LastUnmatched));

        _time.Advance(TimeSpan.FromMinutes(61));
        Read(file, 1, NotUnderstood);
        Assert.Equal(1, State.UnmatchedInRow);

        Read(file, 2, NotUnderstood + Challenge(1) + NotUnderstood);
        Assert.Equal((0L, 6L), (State.UnmatchedInRow, _readers.CountsOf(Path).Unmatched));
    }

    [Fact]
    public void The_bytes_taken_are_known_so_that_status_can_tell_how_far_it_is_behind()
    {
        Read(new LogIdentity(1, 2, 0), 0, WrongPassword(0), starts: true);
        Read(new LogIdentity(1, 3, 0), 0, "half", starts: true);

        Assert.Equal(WrongPassword(0).Length + 4, State.BytesRead);
    }

    [Fact]
    public void Who_was_in_the_middle_of_his_tries_when_the_guard_was_killed_does_not_begin_anew()
    {
        var before = Many(4, i => WrongPassword(i)) + WrongPassword(4, source: "198.51.100.8");

        Read(new LogIdentity(1, 2, 5), before.Length, WrongPassword(5), starts: true, before: before, recollected: before.Length);

        var ban = Assert.IsType<Ban>(Assert.Single(_judge.Decisions));
        Assert.Equal("198.51.100.7", ban.Subject.ToString());
        Assert.Equal([1L, 2, 3, 4, 6], ban.Evidence.Select(piece => piece.Line));
        Assert.Equal((1L, 6L), (_readers.CountsOf(Path).Events, _readers.CountsOf(Path).Lines));
    }

    [Fact]
    public void What_was_decided_before_the_guard_was_killed_is_not_decided_again_and_counts_for_nothing_new()
    {
        var before = Many(5, i => WrongPassword(i));

        Read(new LogIdentity(1, 2, 5), before.Length, Many(4, i => WrongPassword(5 + i)), starts: true, before: before, recollected: before.Length);

        Assert.Empty(_judge.Decisions);
    }

    [Fact]
    public void What_was_done_before_the_operator_lifted_the_ban_stays_forgiven_after_a_restart()
    {
        _judge.Forgiven = [new Unban(0, Time(3), Core.Events.Network.Parse("198.51.100.0/24")!.Value, Operator.Rule, "by hand")];
        var before = Many(4, i => WrongPassword(i)) + Many(4, i => WrongPassword(4, source: "203.0.113.5"));

        Read(new LogIdentity(1, 2, 8), before.Length, WrongPassword(5) + WrongPassword(5, source: "203.0.113.5"), starts: true, before: before, recollected: before.Length);

        Assert.Equal("203.0.113.5", Assert.Single(_judge.Decisions).Subject.ToString());
    }

    [Fact]
    public void What_stood_in_the_log_before_the_first_start_and_what_is_only_there_to_be_understood_counts_for_nothing()
    {
        var before = Many(4, i => WrongPassword(i));

        Read(new LogIdentity(1, 2, 4), before.Length, WrongPassword(5), starts: true, before: before);
        Read(new LogIdentity(1, 3, 4), before.Length, WrongPassword(6, source: "203.0.113.5"), starts: true, before: before.Replace("198.51.100.7", "203.0.113.5", StringComparison.Ordinal), recollected: before.Length / 2);

        Assert.Empty(_judge.Decisions);
    }

    private void Read(
        LogIdentity file,
        long offset,
        string text,
        bool starts = false,
        bool ends = false,
        bool late = false,
        bool midLine = false,
        bool fresh = false,
        string before = "",
        int recollected = 0)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var pooled = ArrayPool<byte>.Shared.Rent(Math.Max(1, bytes.Length));
        bytes.CopyTo(pooled, 0);
        using var batch = new RawBatch(Path, file, offset, pooled, bytes.Length)
        {
            StartsFile = starts,
            EndOfFile = ends,
            IsLate = late,
            StartsMidLine = midLine,
            IsFresh = fresh,
            Before = Encoding.Latin1.GetBytes(before),
            RecollectedBefore = recollected,
        };
        file.See(offset, batch.Bytes);
        _readers.Read(batch, _judge);
    }
}
