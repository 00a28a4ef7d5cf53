using System.Text;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Detection;

/// <summary>Who is blamed for not telling of the guard's own request, and who is not.</summary>
public sealed class CanaryBookTests
{
    private const ushort Log = 1;
    private const ushort Hep = 2;

    private static readonly DateTimeOffset Start = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly Address Own = Address.Parse("127.0.0.1")!.Value;
    private static readonly Address Stranger = Address.Parse("198.51.100.7")!.Value;

    private readonly CanaryBook _book = new(address => address == Own);

    [Fact]
    public void A_source_that_should_tell_and_does_not_is_blind_after_half_a_minute()
    {
        Send(1, Log);
        _book.Answer(401);

        Assert.Null(MissedBy(Log, 30));
        Assert.Equal(Start, MissedBy(Log, 31));
        Assert.False(_book.IsWhole);
    }

    [Fact]
    public void A_source_that_tells_is_seen_and_a_late_word_ends_its_blindness()
    {
        Send(1, Log);
        _book.Answer(401);
        Assert.NotNull(MissedBy(Log, 40));

        Assert.True(See(1, Own, Log, 41));

        Assert.Null(MissedBy(Log, 50));
        Assert.Equal(new CanaryReturn(At(41), TimeSpan.FromSeconds(41)), _book.LastOf(Log));
        Assert.True(_book.IsWhole);
    }

    [Fact]
    public void Blindness_lasts_while_the_next_one_is_on_its_way()
    {
        Send(1, Log);
        _book.Answer(401);
        Send(2, Log, seconds: 60);
        _book.Answer(401);

        Assert.Equal(Start, MissedBy(Log, 61));
        Assert.Equal(Start, MissedBy(Log, 120));

        See(2, Own, Log, 121);
        Assert.Null(MissedBy(Log, 200));
    }

    [Fact]
    public void Nobody_is_blamed_where_the_PBX_does_not_answer()
    {
        Send(1, Log, Hep);

        Assert.Null(MissedBy(Log, 100));
        Assert.Null(MissedBy(Hep, 100));
    }

    [Fact]
    public void A_refusal_by_a_global_acl_stands_in_no_log_and_passes_over_hep()
    {
        Send(1, Log, Hep);
        _book.Answer(403);

        Assert.Null(MissedBy(Log, 100));
        Assert.Equal(Start, MissedBy(Hep, 100));
    }

    [Fact]
    public void A_source_that_nobody_knows_is_judged_once_it_has_told()
    {
        Send(1);
        _book.Answer(401);
        Assert.Null(MissedBy(Log, 100));

        See(1, Own, Log, 101);
        Send(2, seconds: 200);
        _book.Answer(401);

        Assert.Equal(At(200), MissedBy(Log, 240));
    }

    [Fact]
    public void What_was_sent_before_the_source_was_read_is_not_asked_of_it()
    {
        Send(1, Log);
        _book.Answer(401);

        Assert.Null(_book.MissedBy(Log, At(5), At(100)));
    }

    [Fact]
    public void A_source_that_need_not_tell_any_more_is_not_blind()
    {
        Send(1, Log);
        _book.Answer(401);
        Send(2, seconds: 60);
        _book.Answer(401);

        Assert.Null(MissedBy(Log, 100));
    }

    [Fact]
    public void The_mark_hides_nobody_from_elsewhere_and_an_old_one_is_no_sign_of_life()
    {
        Send(2, Log);
        _book.Answer(401);

        Assert.False(See(2, Stranger, Log, 1));
        Assert.True(See(1, Own, Log, 1));

        Assert.Null(_book.LastOf(Log));
        Assert.Equal(Start, MissedBy(Log, 40));
    }

    private static DateTimeOffset At(int seconds) => Start.AddSeconds(seconds);

    private static byte[] CallId(int number) => Encoding.ASCII.GetBytes($"ringfence-canary-{number}");

    private DateTimeOffset? MissedBy(ushort log, int seconds) => _book.MissedBy(log, Start.AddHours(-1), At(seconds));

    private void Send(int number, params ushort[] witnesses) => Send(number, seconds: 0, witnesses);

    private void Send(int number, int seconds, params ushort[] witnesses) => _book.Send(CallId(number), witnesses, [Log, Hep], [Hep], At(seconds));

    private void Send(int number, ushort witness, int seconds) => Send(number, seconds, [witness]);

    private bool See(int number, Address source, ushort log, int seconds)
    {
        _book.Now = At(seconds);
        return _book.Takes(new PbxEvent { Session = CallId(number), Source = source }, log);
    }
}
