using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What the guides' dialplans let happen in a real Asterisk, and what their mends end.</summary>
public sealed class DialplanMendTests : MendedConfiguration
{
    private const string Caller = "198.51.100.7";
    private const string Password = "Guide-Xk9mP2vL8qR5w";

    [Theory]
    [InlineData("4711")]
    [InlineData("/lab/etc/pins.conf")]
    public async Task A_PIN_that_was_typed_stands_in_the_call_records_and_mended_it_does_not(string pins)
    {
        Write($"""
            [phones]
            exten => _00.,1,Answer()
             same => n,Authenticate({pins},a,,/lab/etc/prompt)
             same => n,Hangup()
            """);
        await File.WriteAllTextAsync(PathOf("pins.conf"), "4711\n", Stop);

        Assert.Contains("4711", await AccountCodesAsync());

        Mend("RF1308");

        Assert.DoesNotContain("4711", await AccountCodesAsync());
    }

    [Theory]
    [InlineData("${EXTEN}")]
    [InlineData("${EXTEN:1}")]
    public async Task Dialled_text_calls_another_channel_and_mended_only_its_digits_are_called(string dialled)
    {
        Write($"""
            [phones]
            exten => _1900.,1,Hangup(21)
            exten => _9X.,1,Dial(Local/{dialled}@trunk,2)
            [trunk]
            exten => _!,1,Log(NOTICE,SINK ${"{EXTEN}"}.)
            """);

        Assert.Contains("SINK 19005551234.", await DialAsync("9011972%26Local%2f19005551234"), StringComparison.Ordinal);

        Mend("RF1305");

        // The second ends ExecIf's application and a function's name, the third that of LEN and REGEX alone.
        foreach (var attack in (string[])["9011972%26Local%2f19005551234", "90x)%3ADial(Local%2f19005551234%40trunk%26Local%2f1%40trunk", "901)%3AX%26Local%2f19005551234%40trunk%26Local%2f1%40trunk"])
        {
            Assert.DoesNotContain("SINK 19005551234.", await DialAsync(attack), StringComparison.Ordinal);
        }

        Assert.Contains($"SINK {(dialled == "${EXTEN}" ? "9" : "")}01197255.", await DialAsync("901197255"), StringComparison.Ordinal);
    }

    // The laboratory has no shell: Asterisk says that it tried to run one.
    [Theory]
    [InlineData("$[\"${CALLERID(name)}\" = \"anonymous\"]", true)]
    [InlineData("$[${LEN(${CALLERID(name)})} = 0]", false)]
    [InlineData("$[\"${FILTER(a-z,${CALLERID(name)})}\" = \"anonymous\"]", false)]
    [InlineData("$[\"${TOLOWER(${CALLERID(name)})}\" = \"anonymous\"]", false)]
    [InlineData("$[\"${CALLERID(name):0:9}\" = \"anonymous\"]", false)]
    public async Task A_function_in_a_callers_name_runs_where_an_expression_takes_it_as_it_is(string condition, bool isRun)
    {
        Write($"""
            [phones]
            exten => 5,1,GotoIf({condition}?end)
             same => n(end),Log(NOTICE,SINK ${"{CALLERID(name)}"}.)
             same => n,Hangup()
            """);
        File.AppendAllLines(PathOf("modules.conf"), ["load = func_shell.so", "load = func_callerid.so", "load = func_strings.so"]);

        Assert.Equal(isRun, Faults("RF1329").Count > 0);
        var said = await DialAsync("5", "\"\\\" | SHELL(id) | \\\"\" <sip:1001@pbx>;tag=1");
        Assert.True(isRun == said.Contains("shell command 'id'", StringComparison.Ordinal), said);
    }

    private void Write(string dialplan)
    {
        WriteLaboratory();
        File.AppendAllLines(PathOf("modules.conf"), ["load = app_authenticate.so", "load = app_exec.so", "load = app_senddtmf.so", "load = app_verbose.so", "load = format_pcm.so", "load = func_strings.so", "load = res_clioriginate.so"]);
        File.WriteAllText(PathOf("logger.conf"), "[general]\n[logfiles]\nnotice => notice,warning\n");
        File.WriteAllText(PathOf("extensions.conf"), dialplan + "\n");
        File.WriteAllText(PathOf("pjsip.conf"), $"""
            [udp]
            type=transport
            protocol=udp
            bind=0.0.0.0:5060
            [1001]
            type=endpoint
            context=phones
            disallow=all
            allow=ulaw
            auth=login
            [login]
            type=auth
            username=login
            password={Password}

            """);
    }

    // The first column of each record.
    private async Task<IReadOnlyList<string>> AccountCodesAsync()
    {
        await using var lab = await StartAsync();
        // Authenticate hangs up where it can't play its question.
        await File.WriteAllBytesAsync(Path.Combine(lab.Directory, "etc", "prompt.ulaw"), new byte[160], Stop);
        await lab.CliAsync("channel originate Local/0012345678@phones/n application SendDTMF wwww4711#ww,100", Stop);
        // It thanks who typed the right one: the laboratory has no sounds, and the call ends there.
        Assert.Contains("auth-thankyou", await lab.AppendedAsync("notice", 0, "auth-thankyou", Stop), StringComparison.Ordinal);
        var records = await lab.AppendedAsync("cdr-csv/Master.csv", 0, "Authenticate", Stop);
        Assert.Contains("Authenticate", records, StringComparison.Ordinal);
        return [.. records.Split('\n').Select(static record => record.Split(',')[0].Trim('"'))];
    }

    /// <returns>What the dialplan wrote into its log.</returns>
    private async Task<string> DialAsync(string user, string? from = null)
    {
        await using var lab = await StartAsync();
        using var caller = lab.Attack(Caller, SipTransport.Udp);
        // The last answer comes when the dialplan has ended.
        await caller.LogInAsync(new SipRequest("INVITE", "1001") { Target = user, From = from }, Password, Stop, account: "login");
        return await lab.AppendedAsync("notice", 0, "SINK", Stop);
    }
}
