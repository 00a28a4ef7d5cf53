using System.Text.Json;
using Ringfence.Blocks;
using Ringfence.Core.Blocks;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Commands;

/// <summary>What free lifts, what it leaves, and what it says of it. No daemon runs here.</summary>
public sealed class FreeVerbTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-free-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Nothing_blocks_it_is_said_and_fine()
    {
        var (code, output, _) = await RunAsync([], "free", "203.0.113.5");

        Assert.Equal((ExitCode.Fine, "Nothing on this machine blocks 203.0.113.5.\n"), (code, output));
    }

    [Fact]
    public async Task An_address_is_written_out_of_a_list_of_the_kernel()
    {
        // As the kernel takes it; a file keeps what stood behind.
        var list = Path.Combine(_directory, "ATTACKER");
        await File.WriteAllTextAsync(list, "", TestContext.Current.CancellationToken);

        var block = new Block(BlockKind.XtRecent, "xt_recent, list ATTACKER", Subject("203.0.113.5"), null, "", [list, "-203.0.113.5"]);
        var (code, output, _) = await Looking([block], []).RunAsync("free", "203.0.113.5");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("203.0.113.5 is free.", output, StringComparison.Ordinal);
        Assert.Equal("-203.0.113.5\n", await File.ReadAllTextAsync(list, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Hosts_deny_is_shown_and_edited_only_if_that_is_asked_for_and_what_was_there_is_kept()
    {
        var deny = Path.Combine(_directory, "hosts.deny");
        await File.WriteAllTextAsync(deny, "ALL: 203.0.113.5\nALL: 192.0.2.1\n", TestContext.Current.CancellationToken);
        Block[] blocks = [.. HostsDeny.Read(deny, await File.ReadAllTextAsync(deny, TestContext.Current.CancellationToken)).Take(1)];

        var (left, said, _) = await RunAsync(blocks, "free", "203.0.113.5");
        Assert.Equal(ExitCode.WorldFailed, left);
        Assert.Contains("--edit", said, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_directory));

        var (done, _, _) = await Looking(blocks, []).RunAsync("free", "203.0.113.5", "--edit");
        Assert.Equal(ExitCode.Fine, done);
        Assert.Equal("ALL: 192.0.2.1\n", await File.ReadAllTextAsync(deny, TestContext.Current.CancellationToken));
        Assert.Equal("ALL: 203.0.113.5\nALL: 192.0.2.1\n", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_directory, "hosts.deny.2*")), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_blocks_more_than_was_asked_is_left_and_said()
    {
        var (code, output, _) = await RunAsync([Rule("203.0.113.0/24")], "free", "203.0.113.5", "--rules", "--json");

        Assert.Equal(ExitCode.WorldFailed, code);
        using var report = JsonDocument.Parse(output);
        var block = Assert.Single(report.RootElement.GetProperty("blocks").EnumerateArray());
        Assert.Equal(("left", false), (block.GetProperty("result").GetString(), report.RootElement.GetProperty("free").GetBoolean()));
        Assert.Contains("203.0.113.0/24", block.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitCode.WorldFailed, "left", "free", "203.0.113.5")]
    [InlineData(ExitCode.Fine, "would_lift", "free", "203.0.113.5", "--rules", "--dry-run")]
    [InlineData(ExitCode.WorldFailed, "failed", "free", "203.0.113.5", "--rules")]
    public async Task Somebody_s_own_rule_is_deleted_only_if_that_is_asked_for(int exitCode, string result, params string[] args)
    {
        var (code, output, _) = await RunAsync([Rule("203.0.113.5")], [.. args, "--json"]);

        Assert.Equal(exitCode, code);
        using var report = JsonDocument.Parse(output);
        var block = Assert.Single(report.RootElement.GetProperty("blocks").EnumerateArray());
        Assert.Equal((result, "/nowhere/nft 'it'\\''s; rm'"), (block.GetProperty("result").GetString(), block.GetProperty("command").GetString()));
    }

    [Theory]
    [InlineData(false, ExitCode.Fine, "told")]
    [InlineData(true, ExitCode.WorldFailed, "left")]
    public async Task An_access_list_of_Asterisk_is_told_and_never_changed(bool isOfAll, int exitCode, string result)
    {
        var block = new Block(isOfAll ? BlockKind.Acl : BlockKind.AccountAcl, "Asterisk, pjsip.conf:3", Subject("0.0.0.0/0"), null, "for account 1001 alone", ["pjsip.conf:3"]);

        var (code, output, _) = await RunAsync([block], "free", "203.0.113.5", "--rules", "--edit", "--json");

        Assert.Equal(exitCode, code);
        using var report = JsonDocument.Parse(output);
        var told = Assert.Single(report.RootElement.GetProperty("blocks").EnumerateArray());
        Assert.Equal((result, "change pjsip.conf:3, then reload Asterisk"), (told.GetProperty("result").GetString(), told.GetProperty("command").GetString()));
    }

    [Fact]
    public async Task Who_could_not_be_asked_is_said_and_no_all_clear()
    {
        var console = Console([]) with { Others = new BlockSurvey([], ["CrowdSec could not be asked: \e[31mno"]) };

        var (code, output, _) = await console.RunAsync("free", "203.0.113.5");

        Assert.Equal(ExitCode.WorldFailed, code);
        Assert.Contains("CrowdSec could not be asked: \\x1b[31mno\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_says_who_else_blocks_it_in_safe_words()
    {
        var jail = new Block(BlockKind.Fail2ban, "fail2ban, jail \e[31msshd", Subject("203.0.113.0/24"), new DateTimeOffset(2026, 11, 20, 7, 0, 0, TimeSpan.Zero), "until 9", []);
        var console = Console([jail]) with { Journal = new FakeJournal() };

        var (code, output, _) = await console.RunAsync("why", "203.0.113.5");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("203.0.113.5 is not banned by Ringfence; fail2ban, jail \\x1b[31msshd blocks it.\nBlocked by: fail2ban, jail \\x1b[31msshd, all of 203.0.113.0/24 since 2026-11-20 07:00:00 +00:00 (until 9)\nTo lift it everywhere: ringfence free 203.0.113.5\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allow_list_of_an_account_that_nobody_tried_from_there_is_no_news_about_an_address()
    {
        var list = new Block(BlockKind.AccountAcl, "Asterisk, acl.conf:3", Subject("0.0.0.0/0"), null, "for account 1006 alone", ["acl.conf:3"]) { Accounts = ["1006"] };
        var console = Console([list]) with { Journal = new FakeJournal() };

        var (_, why, _) = await console.RunAsync("why", "203.0.113.5");
        var (_, json, _) = await console.RunAsync("why", "203.0.113.5", "--json");
        var (_, free, _) = await console.RunAsync("free", "203.0.113.5");

        Assert.DoesNotContain("acl.conf", why + free, StringComparison.Ordinal);
        Assert.Contains("\"accounts_only\":true,\"accounts\":[\"1006\"]", json, StringComparison.Ordinal);
        Assert.Contains("Nothing on this machine blocks 203.0.113.5.", free, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_refuses_one_account_is_a_note_of_why_and_no_block()
    {
        var list = new Block(BlockKind.AccountAcl, "Asterisk, acl.conf:3", Subject("203.0.113.0/24"), null, "for account 1006 alone", ["acl.conf:3"]);
        var console = Console([list]) with { Journal = new FakeJournal() };

        var (_, output, _) = await console.RunAsync("why", "203.0.113.5");

        Assert.StartsWith("203.0.113.5 is not banned.\nNote: Asterisk, acl.conf:3 refuses all of 203.0.113.0/24 (for account 1006 alone)\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("ringfence free", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_goes_with_a_lift_is_not_said_to_block_still()
    {
        var jail = Lifted(BlockKind.Fail2ban, "fail2ban, jail sshd");
        var rich = Rule("203.0.113.5");

        var (code, output, _) = await Looking([jail, rich], []).RunAsync("free", "203.0.113.5", "--json");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal(["lifted", "lifted"], Results(output));
        Assert.Contains("it went with another", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_told_who_does_not_answer_any_more_is_not_said_to_be_gone()
    {
        var jail = Lifted(BlockKind.Fail2ban, "fail2ban, jail sshd");
        var console = Console([]) with { Looks = [new BlockSurvey([jail, Rule("203.0.113.5")], ["ufw: no"]), new BlockSurvey([], ["ufw: no", "nftables: no"])] };
        var still = console with { Looks = [console.Looks[0], new BlockSurvey([], ["ufw: no"])] };

        Assert.Equal(["lifted", "left"], Results((await console.RunAsync("free", "203.0.113.5", "--json")).Output));
        Assert.Equal(["lifted", "lifted"], Results((await still.RunAsync("free", "203.0.113.5", "--json")).Output));
    }

    [Fact]
    public async Task However_many_alike_rules_there_are_all_go()
    {
        var rule = Lifted(BlockKind.Rule, "iptables, chain INPUT");

        var (code, output, _) = await Looking([.. Enumerable.Range(0, 9).Select(i => Enumerable.Repeat(rule, 9 - i).ToArray()), []]).RunAsync("free", "203.0.113.5", "--rules", "--json");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal(["lifted"], Results(output).Distinct());
    }

    [Fact]
    public async Task What_is_still_there_after_its_lift_is_no_success()
    {
        var jail = Lifted(BlockKind.Fail2ban, "fail2ban, jail sshd");

        var (code, output, _) = await Looking([jail], [jail]).RunAsync("free", "203.0.113.5", "--json");

        Assert.Equal(ExitCode.WorldFailed, code);
        Assert.Equal(["failed"], Results(output));
    }

    [Fact]
    public async Task What_a_lift_brings_to_light_is_lifted_too()
    {
        var decision = Lifted(BlockKind.CrowdSec, "CrowdSec, ban");
        var list = Path.Combine(_directory, "ATTACKER");
        await File.WriteAllTextAsync(list, "", TestContext.Current.CancellationToken);
        var recent = new Block(BlockKind.XtRecent, "xt_recent, list ATTACKER", Subject("203.0.113.5"), null, "", [list, "-203.0.113.5"]);

        var (code, output, _) = await Looking([decision], [recent], []).RunAsync("free", "203.0.113.5", "--json");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal(["lifted", "lifted"], Results(output));
    }

    [Fact]
    public async Task A_bouncer_has_some_seconds_to_take_its_entry_out_of_the_kernel()
    {
        var decision = Lifted(BlockKind.CrowdSec, "CrowdSec, ban");
        var entry = Entry();

        var (code, output, _) = await Looking([decision], [entry], [entry], [entry], []).RunAsync("free", "203.0.113.5", "--json");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal(["lifted"], Results(output));
    }

    [Theory]
    [InlineData(0, 15, ExitCode.Fine)]
    [InlineData(0, 25, ExitCode.WorldFailed)]
    [InlineData(9, 2, ExitCode.Fine)]
    [InlineData(9, 8, ExitCode.WorldFailed)]
    public async Task The_time_that_a_bouncer_has_does_not_depend_on_how_long_a_look_takes(int secondsEach, int looks, int exitCode)
    {
        var console = Looking([[Lifted(BlockKind.CrowdSec, "CrowdSec, ban")], .. Enumerable.Repeat<IReadOnlyList<Block>>([Entry()], looks), []]) with { LookTakes = TimeSpan.FromSeconds(secondsEach) };

        var (code, _, _) = await console.RunAsync("free", "203.0.113.5", "--json");

        Assert.Equal(exitCode, code);
    }

    [Fact]
    public async Task The_entry_of_a_bouncer_that_is_dead_is_told_when_its_decision_is_gone()
    {
        var decision = Lifted(BlockKind.CrowdSec, "CrowdSec, ban");

        var (code, output, _) = await Looking([decision], [Entry()]).RunAsync("free", "203.0.113.5", "--json");

        Assert.Equal(ExitCode.WorldFailed, code);
        Assert.Equal(["lifted", "left"], Results(output));
        Assert.Contains("does whoever made it still run?", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_file_is_edited_once_for_all_its_clients_and_one_copy_is_kept()
    {
        var deny = Path.Combine(_directory, "hosts.deny");
        const string Before = "sshd: 203.0.113.5\nALL: 203.0.113.5/32\nALL: 192.0.2.1\n";
        await File.WriteAllTextAsync(deny, Before, TestContext.Current.CancellationToken);

        var (code, output, _) = await Looking([.. HostsDeny.Read(deny, Before).Where(block => block.Concerns(Subject("203.0.113.5")))], []).RunAsync("free", "203.0.113.5", "--edit", "--json");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal(["lifted", "lifted"], Results(output));
        Assert.Equal("ALL: 192.0.2.1\n", await File.ReadAllTextAsync(deny, TestContext.Current.CancellationToken));
        Assert.Equal(2, Directory.GetFiles(_directory).Length);
    }

    [Fact]
    public async Task What_is_lifted_in_the_kernel_alone_is_said()
    {
        var rule = Lifted(BlockKind.Rule, "iptables, chain INPUT") with { Returns = "lifted in the kernel alone" };
        var zone = Lifted(BlockKind.Rule, "firewalld, zone drop") with { LiftForGood = ["false"] };

        var (code, output, _) = await Looking([rule, zone], []).RunAsync("free", "203.0.113.5", "--rules");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("iptables, chain INPUT: lifted in the kernel alone\n", output, StringComparison.Ordinal);
        Assert.Contains("firewalld, zone drop: lifted until the next reload alone: false ended with code 1\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_could_not_be_asked_stands_in_the_way_of_is_free()
    {
        var console = Console([]) with { Looks = [new BlockSurvey([Lifted(BlockKind.Fail2ban, "fail2ban, jail sshd")], []), new BlockSurvey([], ["nftables could not be asked: no"])] };

        var (code, output, _) = await console.RunAsync("free", "203.0.113.5");

        Assert.Equal(ExitCode.WorldFailed, code);
        Assert.DoesNotContain("is free", output, StringComparison.Ordinal);
        Assert.EndsWith("It can't be told whether anything blocks 203.0.113.5: not all could be asked.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_ask_is_told_to_try_as_root_and_never_that_nothing_blocks_it()
    {
        var survey = new BlockSurvey([], ["nftables could not be asked: no permission"]);
        var list = new Block(BlockKind.AccountAcl, "Asterisk, acl.conf:3", Subject("0.0.0.0/0"), null, "for account 1006 alone", ["acl.conf:3"]);

        foreach (var others in new[] { survey, survey with { Blocks = [list] } })
        {
            var (code, output, _) = await (Console([]) with { Others = others, IsRoot = false }).RunAsync("free", "203.0.113.5");

            Assert.Equal(ExitCode.WorldFailed, code);
            Assert.DoesNotContain("othing", output, StringComparison.Ordinal);
            Assert.EndsWith("It can't be told whether anything blocks 203.0.113.5: not all could be asked. Run it as root.\n", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    [InlineData("64.0.0.0/7")]
    public async Task Half_the_internet_is_not_freed(string everybody)
    {
        var (code, _, error) = await RunAsync([Rule("203.0.113.5")], "free", everybody, "--rules");

        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("too wide", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_says_who_could_not_be_asked()
    {
        var console = Console([]) with { Others = new BlockSurvey([], ["nftables could not be asked: \e[31mnot permitted"]), Journal = new FakeJournal() };

        var (_, said, _) = await console.RunAsync("why", "203.0.113.5");
        var (_, json, _) = await console.RunAsync("why", "203.0.113.5", "--json");

        Assert.Contains("nftables could not be asked: \\x1b[31mnot permitted\n", said, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(json);
        Assert.Equal("nftables could not be asked: \e[31mnot permitted", Assert.Single(report.RootElement.GetProperty("unknown").EnumerateArray()).GetString());
    }

    private static List<string?> Results(string json)
    {
        using var report = JsonDocument.Parse(json);
        return [.. report.RootElement.GetProperty("blocks").EnumerateArray().Select(block => block.GetProperty("result").GetString())];
    }

    // Something whose lift succeeds.
    private static Block Lifted(BlockKind kind, string where) => new(kind, where, Subject("203.0.113.5"), null, "", ["true"]);

    private static Block Entry() => Rule("203.0.113.5") with { Where = "nftables, set crowdsec-blacklists of ip crowdsec" };

    private static Network Subject(string text) => Network.Parse(text)!.Value;

    private static Block Rule(string subject) => new(BlockKind.Rule, "nftables, chain in of inet mine", Subject(subject), null, "by hand", ["/nowhere/nft", "it's; rm"]);

    private Console Console(IReadOnlyList<Block> blocks) => new()
    {
        Config = RingfenceConfig.Default with { Socket = Path.Combine(_directory, "none.sock") },
        Others = new BlockSurvey(blocks, []),
    };

    // What stands at each look: the last also when it is asked again.
    private Console Looking(params IReadOnlyList<Block>[] looks) => Console([]) with { Looks = [.. looks.Select(blocks => new BlockSurvey(blocks, []))] };

    private Task<(int ExitCode, string Output, string Error)> RunAsync(IReadOnlyList<Block> blocks, params string[] args) => Console(blocks).RunAsync(args);
}
