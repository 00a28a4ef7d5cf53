using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Sip;
using Ringfence.Daemon;
using Ringfence.Sources;
using Ringfence.Tests.Detection;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>What the reader of HEP says of itself when somebody sends it a wrong password.</summary>
public sealed class HepReaderTests
{
    private static readonly byte[] Right = [.. "right"u8];
    private static readonly byte[] Wrong = [.. "wrong"u8];

    private readonly ManualTime _time = new();
    private readonly Judge _judge;
    private readonly HepReader _reader;
    private bool _amiTells;

    public HepReaderTests()
    {
        var detector = new Detector(new DetectionSettings());
        _judge = new Judge(detector, new Decider(Trial.Exact, new DetectionSettings(), new BanLedger(Trial.Exact, 1)));
        _reader = new HepReader("hep", detector.AddLog("hep"), Right, new SipExchanges(7, _ => false), _time) { AmiTells = () => _amiTells };
    }

    [Fact]
    public void A_wrong_password_of_whoever_beside_the_right_one_is_a_note_and_no_alarm()
    {
        Read(Right);
        Read(Wrong);

        Assert.Null(_reader.ProblemAt(_time.GetUtcNow(), _time.GetUtcNow()));
        Assert.StartsWith("1 packets with another password", _reader.NoteAt(_time.GetUtcNow(), null), StringComparison.Ordinal);
        Assert.Null(_reader.NoteAt(_time.GetUtcNow().AddMinutes(6), null));
    }

    [Fact]
    public void One_packet_right_after_the_start_is_no_alarm_either()
    {
        Read(Wrong);

        Assert.Null(_reader.ProblemAt(_time.GetUtcNow(), null));
        Assert.NotNull(_reader.NoteAt(_time.GetUtcNow(), null));
    }

    [Fact]
    public void A_PBX_that_was_told_another_password_is_an_alarm()
    {
        Read(Wrong);
        _time.Advance(TimeSpan.FromMinutes(1));
        Read(Wrong);

        Assert.StartsWith("2 packets with another password than [hep] has, and none with the right one", _reader.ProblemAt(_time.GetUtcNow(), null), StringComparison.Ordinal);
        Assert.Null(_reader.NoteAt(_time.GetUtcNow(), null));
    }

    [Fact]
    public void Wrong_ones_alone_while_the_log_tells_of_events_are_an_alarm_although_right_ones_came_before()
    {
        Read(Right);
        _time.Advance(TimeSpan.FromMinutes(6));
        Read(Wrong);

        Assert.StartsWith("1 packets with another password", _reader.ProblemAt(_time.GetUtcNow(), _time.GetUtcNow()), StringComparison.Ordinal);
    }

    [Fact]
    public void After_the_clock_was_set_back_a_source_that_fell_silent_does_not_pass_for_whole()
    {
        Read(Right);
        var isWhole = _reader.IsWhole(_time.GetUtcNow());

        _time.SetClock(TimeSpan.FromDays(-365));

        Assert.True(isWhole);
        Assert.False(_reader.IsWhole(_time.GetUtcNow()));
    }

    [Fact]
    public void For_a_minute_after_another_source_says_that_it_missed_a_message_it_shows_neither_all_messages_nor_all_answers()
    {
        Read(Right);
        Assert.True(_reader.IsWhole(_time.GetUtcNow()) && _reader.SeesAnswers(_time.GetUtcNow()));

        _reader.Gaps.SeeLogged("security", unsent: 4, cut: 0);

        Assert.False(_reader.IsWhole(_time.GetUtcNow()) || _reader.SeesAnswers(_time.GetUtcNow()));
        _time.Advance(TimeSpan.FromSeconds(61));
        Read(Right);
        Assert.True(_reader.IsWhole(_time.GetUtcNow()) && _reader.SeesAnswers(_time.GetUtcNow()));
    }

    [Fact]
    public void What_it_missed_is_a_problem_for_five_minutes_and_a_note_where_the_manager_interface_tells()
    {
        Read(Right);
        _reader.Gaps.SeeLogged("security", unsent: 4, cut: 0);
        _reader.Gaps.SeeRecord("notice", isSure: true);

        Assert.StartsWith("4 messages since start were too long", _reader.GapAt(_time.GetUtcNow()), StringComparison.Ordinal);
        Assert.Null(_reader.NoteAt(_time.GetUtcNow(), null));
        _amiTells = true;
        Assert.Null(_reader.GapAt(_time.GetUtcNow()));
        Assert.StartsWith("4 messages since start were too long", _reader.NoteAt(_time.GetUtcNow(), null), StringComparison.Ordinal);
        _amiTells = false;
        Assert.Null(_reader.GapAt(_time.GetUtcNow().AddMinutes(6)));
    }

    [Fact]
    public void A_record_that_may_be_about_one_is_no_missed_message_once_HEP_tells_it_a_moment_later()
    {
        _reader.Gaps.SeeRecord("notice", isSure: false);
        Assert.Equal(1, _reader.Gaps.Total);
        Read(Right, new string('c', 8_000));
        Assert.Equal(0, _reader.Gaps.Total);

        _reader.Gaps.SeeRecord("notice", isSure: true);
        Read(Right, new string('c', 8_000));
        Assert.Equal(1, _reader.Gaps.Total);
    }

    [Fact]
    public void A_record_that_the_logger_cut_is_no_missed_message_where_HEP_told_one_as_long()
    {
        Read(Right, new string('c', 8_000));
        _reader.Gaps.SeeLogged("security", unsent: 0, cut: 1);

        Assert.Equal((0, null), (_reader.Gaps.Total, _reader.GapAt(_time.GetUtcNow())));
        Assert.False(_reader.IsWhole(_time.GetUtcNow()));
        _time.Advance(TimeSpan.FromSeconds(61));
        _reader.Gaps.SeeLogged("security", unsent: 0, cut: 1);
        Assert.Equal(1, _reader.Gaps.Total);

        // The log was quicker.
        Read(Right, new string('c', 8_000));
        Assert.Equal((0, null), (_reader.Gaps.Total, _reader.GapAt(_time.GetUtcNow())));
    }

    [Fact]
    public void Each_message_that_HEP_told_explains_one_record_of_each_log_and_no_more()
    {
        Read(Right, new string('c', 8_000));
        _reader.Gaps.SeeLogged("security", unsent: 0, cut: 3);
        _reader.Gaps.SeeLogged("security_json", unsent: 0, cut: 1);

        Assert.Equal(2, _reader.Gaps.Total);

        // The logs were quicker, by one.
        Read(Right, new string('c', 8_000));
        Assert.Equal(1, _reader.Gaps.Total);
        _reader.Gaps.SeeLogged("security", unsent: 0, cut: 1);
        _reader.Gaps.SeeLogged("security_json", unsent: 0, cut: 1);
        Assert.Equal(2, _reader.Gaps.Total);
    }

    [Fact]
    public void What_two_logs_and_AMI_tell_of_is_counted_once_and_what_was_explained_is_not_lately()
    {
        _reader.Gaps.SeeLogged("security", unsent: 0, cut: 2);
        _reader.Gaps.SeeLogged("full", unsent: 2, cut: 2);
        _reader.Gaps.SeeRecord("ami", isSure: true);
        Assert.Equal(2, _reader.Gaps.Total);

        _time.Advance(TimeSpan.FromMinutes(6));
        _reader.Gaps.SeeRecord("notice", isSure: false);
        Assert.NotNull(_reader.Gaps.Lately(_time.GetUtcNow()));
        Read(Right, new string('c', 8_000));

        Assert.Equal((2, null), (_reader.Gaps.Total, _reader.Gaps.Lately(_time.GetUtcNow())));
    }

    [Fact]
    public void A_source_has_caught_up_when_it_left_nothing_waiting_once_and_one_that_fell_silent_holds_up_nobody()
    {
        Assert.True(_reader.TakeCaughtUp());
        Read(Right, leavesMore: true);
        _ = _reader.TakeCaughtUp();
        Read(Right, leavesMore: true);
        Assert.False(_reader.TakeCaughtUp());

        Read(Right);
        Read(Right, leavesMore: true);
        Assert.Equal((true, false), (_reader.TakeCaughtUp(), _reader.TakeCaughtUp()));
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(_reader.TakeCaughtUp());
    }

    private void Read(byte[] password, string callId = "", bool leavesMore = false)
    {
        static byte[] Chunk(byte type, byte[] value) => [0, 0, 0, type, (byte)((value.Length + 6) >> 8), (byte)(value.Length + 6), .. value];
        byte[] chunks =
        [
            .. Chunk(1, [2]), .. Chunk(2, [17]), .. Chunk(3, [203, 0, 113, 9]), .. Chunk(4, [10, 80, 0, 1]), .. Chunk(7, [0x9c, 0x40]), .. Chunk(8, [0x13, 0xc4]), .. Chunk(11, [1]),
            .. Chunk(14, password), .. Chunk(15, Encoding.ASCII.GetBytes($"OPTIONS sip:pbx SIP/2.0\r\nCall-ID: {callId}\r\n\r\n")),
        ];
        byte[] datagram = [.. "HEP3"u8, (byte)((chunks.Length + 6) >> 8), (byte)(chunks.Length + 6), .. chunks];
        using var batch = new HepBatch("hep") { LeavesMore = leavesMore };
        datagram.CopyTo(batch.Free);
        batch.Take(datagram.Length);
        _reader.Read(batch, _judge);
    }
}
