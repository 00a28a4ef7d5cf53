using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Daemon;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class TrustKeeperTests
{
    private const string Trunk = "[provider]\ntype = identify\nmatch = sip.provider.example\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_trunk_that_is_named_later_is_looked_up_and_trusted_without_a_restart()
    {
        using var rig = new TrustRig();
        rig.Addresses["sip.provider.example"] = "203.0.113.10";
        await rig.Keeper.BeginAsync(Stop);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var names = rig.Names.RunAsync(end.Token);

        rig.File("pjsip.conf", Trunk);
        var keeping = rig.Keeper.RunAsync(end.Token);
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (rig.Pipeline.Trust.Find(TrustRig.Host("203.0.113.10")) is null && DateTime.UtcNow < deadline)
        {
            rig.Clock.Advance(TimeSpan.FromSeconds(15));
            await Task.Delay(5, Stop);
        }

        Assert.StartsWith("trunk provider in ", rig.Pipeline.Trust.Find(TrustRig.Host("203.0.113.10")), StringComparison.Ordinal);
        await end.CancelAsync();
        await Task.WhenAll(names, keeping).ContinueWith(_ => { }, TaskScheduler.Default).EndAsync();
    }

    [Fact]
    public async Task After_a_refusal_asterisk_is_asked_again_within_seconds_then_more_and_more_seldom()
    {
        using var rig = new TrustRig(new TrustSettings { SshPeers = false });
        rig.Asterisk("exit 1\n");
        var rests = new List<double>();
        var phones = rig.Phones();

        for (var i = 0; i < 11; i++)
        {
            await phones.AskIfDueAsync(Stop);
            rests.Add(phones.Rest.TotalSeconds);
            rig.Clock.Advance(phones.Rest);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], rests);
        Assert.NotNull(phones.Problem);

        rig.Asterisk("exit 0\n");
        await phones.AskIfDueAsync(Stop);
        Assert.Null(phones.Problem);
        Assert.Equal(30, phones.Rest.TotalSeconds);

        rig.Asterisk("exit 1\n");
        rig.Clock.Advance(phones.Rest);
        await phones.AskIfDueAsync(Stop);
        Assert.Equal(1, phones.Rest.TotalSeconds);
    }

    [Fact]
    public async Task A_clock_set_back_a_day_keeps_neither_phones_nor_trunks_from_being_read()
    {
        using var rig = new TrustRig(new TrustSettings { SshPeers = false });
        rig.Asterisk("exit 0\n");
        var phones = rig.Phones();
        await phones.AskIfDueAsync(Stop);
        await rig.Keeper.BeginAsync(Stop);
        rig.Addresses["sip.provider.example"] = "203.0.113.10";

        rig.Clock.SetClock(TimeSpan.FromDays(-1));
        rig.File("pjsip.conf", Trunk);
        rig.Clock.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(TimeSpan.Zero, phones.Rest);
        await rig.Keeper.BeginAsync(Stop);
        Assert.NotNull(rig.Pipeline.Trust.Find(TrustRig.Host("203.0.113.10")));
    }

    [Fact]
    public async Task While_the_kernel_does_not_answer_the_next_look_frees_who_is_trusted()
    {
        using var rig = new TrustRig(new TrustSettings { Contacts = false, SshPeers = false, Networks = [TrustRig.Host("203.0.113.0/24")] });
        rig.Firewall.Kernel.Add(TrustRig.Host("203.0.113.10"));
        rig.Firewall.Strangers = 1;
        rig.Firewall.IsMute = true;
        await rig.Keeper.PublishAsync(Stop);
        Assert.NotEmpty(rig.Firewall.Kernel);

        rig.Firewall.IsMute = false;
        await rig.Keeper.PublishAsync(Stop);

        Assert.Empty(rig.Firewall.Kernel);
    }

    [Fact]
    public async Task Who_is_trusted_within_a_network_that_only_the_kernel_bans_is_cut_out_of_it()
    {
        using var rig = new TrustRig(new TrustSettings { Contacts = false, SshPeers = false, Networks = [TrustRig.Host("203.0.113.5")] });
        rig.Firewall.Kernel.UnionWith([TrustRig.Host("203.0.113.0/24"), TrustRig.Host("198.51.100.0/24")]);
        rig.Firewall.Strangers = 2;

        await rig.Keeper.PublishAsync(Stop);

        Assert.DoesNotContain(rig.Firewall.Kernel, banned => banned.Contains(TrustRig.Host("203.0.113.5")));
        Assert.Contains(TrustRig.Host("203.0.113.128/25"), rig.Firewall.Kernel);
        Assert.Contains(TrustRig.Host("198.51.100.0/24"), rig.Firewall.Kernel);
    }

    [Fact]
    public async Task An_address_that_the_operator_trusts_within_such_a_network_is_free_when_he_is_told_so()
    {
        using var rig = new TrustRig();
        rig.Firewall.Kernel.Add(TrustRig.Host("203.0.113.0/24"));
        var desk = new Desk(rig.Pipeline, rig.Journal, rig.Firewall, rig.ByHand, rig.Keeper, () => [], () => [], rig.Clock);

        var would = await desk.TrustAsync(new TrustRequest(TrustRig.Host("203.0.113.5"), null, "", true), Stop);
        Assert.Contains("203.0.113.0/24 would stay banned without it", would.Message, StringComparison.Ordinal);
        Assert.Single(rig.Firewall.Kernel);
        var report = await desk.TrustAsync(new TrustRequest(TrustRig.Host("203.0.113.5"), null, "", false), Stop);

        Assert.Contains("203.0.113.0/24 stays banned without it", report.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Firewall.Kernel, banned => banned.Contains(TrustRig.Host("203.0.113.5")));
        Assert.Contains(TrustRig.Host("203.0.113.128/25"), rig.Firewall.Kernel);
    }

    [Fact]
    public async Task A_list_that_did_not_come_into_force_is_published_again()
    {
        using var rig = new TrustRig();
        using var stopped = new CancellationTokenSource();
        rig.ByHand.Set(new TrustReport(TrustRig.Host("198.51.100.7"), "operator", "", null));
        await rig.Pipeline.InTurnAsync(
            async () =>
            {
                var publishing = rig.Keeper.PublishAsync(stopped.Token);
                await stopped.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing.EndAsync());
                return true;
            },
            Stop);

        await rig.Keeper.PublishAsync(Stop);

        Assert.NotNull(rig.Pipeline.Trust.Find(TrustRig.Host("198.51.100.7")));
    }

    [Fact]
    public async Task A_ban_of_before_on_an_address_that_is_trusted_now_never_comes_into_the_kernel()
    {
        using var rig = new TrustRig(new TrustSettings { Contacts = false, SshPeers = false, Networks = [TrustRig.Host("203.0.113.0/24")] });
        rig.Journal.Append([rig.Ban("203.0.113.7"), rig.Ban("203.0.113.8", Operator.Rule), rig.Ban("198.51.100.7")]);

        await rig.Pipeline.RestoreAsync(TrustKeeper.AtOnce(rig.Config, rig.ByHand, rig.Names, rig.Clock.GetUtcNow()), Stop);

        Assert.Equal([TrustRig.Host("198.51.100.7"), TrustRig.Host("203.0.113.8")], rig.Firewall.Ever.Order());
        Assert.Equal(
            "trusted now: address = 203.0.113.0/24 in ringfence.conf",
            Assert.Single(rig.Journal.Written.OfType<Unban>(), unban => unban.Subject == TrustRig.Host("203.0.113.7")).Reason);
        Assert.Null(rig.Pipeline.Bans.Of(TrustRig.Host("203.0.113.7"), rig.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task Who_becomes_trusted_is_freed_also_where_the_kernel_alone_bans_him()
    {
        using var rig = new TrustRig();
        rig.Firewall.Kernel.UnionWith([TrustRig.Host("203.0.113.10"), TrustRig.Host("198.51.100.7")]);
        rig.Firewall.Strangers = 2;
        rig.Addresses["sip.provider.example"] = "203.0.113.10";
        rig.File("pjsip.conf", Trunk);

        await rig.Keeper.BeginAsync(Stop);

        Assert.Equal([TrustRig.Host("198.51.100.7")], rig.Firewall.Kernel);
        Assert.Contains(rig.Journal.Written.OfType<Unban>(), unban => unban.Subject == TrustRig.Host("203.0.113.10"));
    }

    [Fact]
    public async Task Who_is_trusted_and_then_banned_behind_our_back_is_freed_at_the_next_look()
    {
        using var rig = new TrustRig(new TrustSettings { Contacts = false, SshPeers = false, Networks = [TrustRig.Host("203.0.113.0/24")] });
        await rig.Keeper.PublishAsync(Stop);
        rig.Firewall.Kernel.Add(TrustRig.Host("203.0.113.10"));
        rig.Firewall.Strangers = 1;

        await rig.Keeper.PublishAsync(Stop);

        Assert.Empty(rig.Firewall.Kernel);
    }

    [Fact]
    public void A_trunk_that_is_known_by_name_is_trusted_before_the_first_ban_by_the_answer_of_before()
    {
        using var rig = new TrustRig();
        rig.File("pjsip.conf", Trunk);
        rig.File("names", "sip.provider.example\t1795161600\t203.0.113.10\n");
        var names = new DnsNames([], rig.Clock, NullLogger<DnsNames>.Instance, memory: new NameMemory(Path.Combine(rig.Config.AsteriskDirectory, "names"), NullLogger<NameMemory>.Instance));

        var trust = TrustKeeper.AtOnce(rig.Config, rig.ByHand, names, rig.Clock.GetUtcNow());

        Assert.StartsWith("trunk provider in ", trust.Find(TrustRig.Host("203.0.113.10")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_the_machine_got_a_moment_ago_is_spared()
    {
        using var rig = new TrustRig(own: [TrustRig.Host("198.51.100.8")]);

        await rig.ReadAsync(WrongPasswords("198.51.100.8") + WrongPasswords("198.51.100.9"));

        Assert.Equal([TrustRig.Host("198.51.100.9")], rig.Firewall.Ever);
        Assert.Equal("address of this machine", Assert.Single(rig.Journal.Written.OfType<Spare>()).Trust);
    }

    private static string WrongPasswords(string address) => string.Concat(Enumerable.Range(0, 6).Select(i => $$$"""
        {"hostname":"","timestamp":"2026-11-20 07:59:3{{{i}}}.518","identifiers":{"lwp":22978,"callid":""},"logmsg":{"location":{"filename":"res_security_log.c","function":"security_event_stasis_cb","line":114},"level":"SECURITY","message":"SecurityEvent=\"InvalidPassword\",EventTV=\"2026-11-20T07:59:3{{{i}}}.513+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"2\",AccountID=\"1001\",SessionID=\"74d45bf3003{{{i}}}@lab\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"IPV4/UDP/{{{address}}}/50968\",Challenge=\"1\",ReceivedChallenge=\"2\",ReceivedHash=\"3\"\n"}}

        """));
}
