using System.Globalization;
using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Commands;

/// <summary>A PBX in which everything that could be a secret is a text of its own, found everywhere that something is wrong: no report holds one of them.</summary>
public sealed class AuditSecretsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-secrets-").FullName;
    private readonly List<string> _secrets = [];
    private int _words;

    public AuditSecretsTests()
    {
        Write("pjsip.conf", $"""
            ; the password of 1001 is {Word()}
            [global]
            type = global
            allow_guest = {Word()}
            debug = yes ; {Word()}
            user_agent = PBX ; before it was {Word()}
            [t-tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0
            method = {Word()}
            verify_client = {Word()}
            cipher = {Word()}
            priv_key_file = {Word()}
            [t-udp](!)
            type = transport ; {Word()}
            [1001]
            type = endpoint
            context = {Word()}
            dtmf_mode = {Word()}
            direct_media = {Word()}
            allow = ulaw,{Word()}
            auth = {Word()}
            aors = {Word()}
            acl = {Word()}
            transport = {Word()}
            permit = {Word()}
            deny = 0.0.0.0/0, {Word()}
            sercet = {Word()}
            {Word()}
            mailboxes = {Word()}
            set_var = PIN={Pin()}
            contact = sip:joe:{Word()}@192.0.2.1
            [1001]
            type = {Word()}
            [1001]
            type = aor
            max_contacts = {Word()}
            qualify_frequency = {Word()}
            contact = sip:joe:{Word()}@192.0.2.1
            type = {Word()}
            [1001]
            type = auth
            username = 1001
            password = {Word()} ; {Word()}
            pasword = {Word()}
            auth_type = {Word()}
            nonce_lifetime = {Word()}
            [1002]
            type = auth
            username = 1002
            password = {Pin()}
            [1003]
            type = auth
            username = 1003
            md5_cred = {Word()}
            [1005]
            type = endpoint
            context = arguments
            aors = 1004
            auth = 1002
            [1004]
            type = endpoint
            context = phones
            aors = 1004
            auth = 1002
            [1004]
            type = aor
            max_contacts = 3
            [anonymous]
            type = endpoint
            context = {Word()}
            [trunk]
            type = endpoint
            context = incoming
            aors = trunk
            outbound_auth = trunk
            [trunk]
            type = aor
            contact = sip:203.0.113.10
            [trunk]
            type = identify
            endpoint = trunk
            match = {Word()}
            match = 203.0.113.10
            [trunk]
            type = registration
            server_uri = {Word()}
            client_uri = sip:joe:{Word()}@203.0.113.10
            outbound_auth = {Word()}
            [trunk]
            type = auth
            password = {Word()}
            [{Word(false)}]
            context = {Word()}
            """);
        Write("extensions.conf", $$"""
            [general]
            static = yes ; {{Word()}}
            writeprotect = {{Word()}}
            clearglobalvars = {{Word()}}
            [globals]
            TRUNKPASS = {{Word()}}
            HOUSE = {{Word()}}
            DOORPIN = {{Pin()}}
            [phones]
            include => {{Word()}}
            include => incoming ; {{Word()}}
            switch => IAX2/joe:{{Word()}}@192.0.2.1/x
            exten => 100,1,Goto({{Word()}},s,1) ; {{Word()}}
            exten => 101,1,GotoIf($["${Z}" = "x"]?{{Word()}},s,1)
            exten => 102,1,Authenticate({{Pin()}})
             same => n,Dial(PJSIP/102@trunk)
            exten => 103,1,DISA({{Pin()}},phones)
            exten => 104,1,Read(PIN,ask,8)
             same => n,GotoIf($["${NOTHING}" = "1"]?no)
             same => n,GotoIf($["${PIN}" != "{{Pin()}}"]?no)
             same => n,Dial(PJSIP/0049@trunk)
             same => n(no),Hangup()
            exten => 105,1,Read(CODE,ask,8)
             same => n,Set(WANTED={{Pin()}})
             same => n,GotoIf($["${CODE}" != "${WANTED}"]?104,no)
             same => n,Dial(PJSIP/${CODE}@trunk)
            exten => 106,1,GotoIf($["${DB(x/y)}" = "{{Word()}}"]?107,1)
             same => n,Dial(PJSIP/1@trunk)
            exten => 107,1,Set(__SECRET={{Word()}})
             same => n,Set(DB(pin/1001)={{Pin()}})
             same => n,ExecIf($["${X}" = "{{Word()}}"]?Dial(PJSIP/2@trunk))
             same => n,Dial(IAX2/joe:{{Word()}}@192.0.2.1/1)
             same => n,Dial(SIP/joe:{{Word()}}@192.0.2.1/1)
             same => n,MeetMe(1,,{{Pin()}})
             same => n,Macro(check-pin,{{Pin()}})
             same => n,Gosub(pins,s,1({{Pin()}}))
             same => n,AGI(check.agi,--password={{Word()}})
             same => n,System(curl -u joe:{{Word()}} http://192.0.2.1)
             same => n,Set(R=${CURL(http://192.0.2.1/?token={{Word()}})})
             same => n,Set(R=${REGEX("^{{Pin()}}" ${TYPED})})
             same => n,ChanSpy()
            exten => 108,1,Authenticate({{Pin()}}) ; {{Word()}}
            exten => 108,1,Authenticate({{Pin()}})
            exten => 109,bad,Authenticate({{Pin()}})
            bogus => {{Word()}}
            {{Word()}} is the code of the door
            exten => 110,1,Goto(111,1)
            exten => 111,1,GotoIf($["${MYPIN}" = "{{Word()}}"]?110,1:110,1)
            exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk,,T) ; {{Word()}}
            exten => _00X.,1,Dial(PJSIP/${EXTEN}@trunk)
            [incoming]
            exten => s,1,Background(menu)
             same => n,WaitExten()
            exten => _X.,1,Read(KEY,ask,8)
             same => n,GotoIf($["${KEY}" = "{{Pin()}}"]?ok)
             same => n,Hangup()
             same => n(ok),Dial(PJSIP/${EXTEN}@trunk)
            """ + Hidden());
        Write("acl.conf", $"[office]\ndeny = {Word()}\npermit = {Word()}\nallow = {Word()}\nacl = {Word()}\n");
        Write("manager.conf", $"[general]\nenabled = yes ; {Word()}\nbindaddr = {Word()}\nallowguests = {Word()}\n[joe]\nsecret = {Word()}\nread = all,{Word()}\nwrite = all ; the secret is {Word()}\nacl = {Word()}\npermit = {Word()}\n[jim]\nsecret = {Pin()}\nwrite = system\n");
        Write("http.conf", $"[general]\nenabled = yes\nbindaddr = 0.0.0.0 ; {Word()}\ntlscertfile = {Word()}\nenablestatic = {Word()}\n");
        Write("ari.conf", $"[general]\nenabled = yes\nallowed_origins = *\n[joe]\ntype = user\npassword = {Word()}\npassword_format = {Word()}\nread_only = {Word()}\n");
        Write("iax.conf", $"[general]\nrequirecalltoken = no ; {Word()}\nauth = {Word()}\nregister => joe:{Word()}@192.0.2.1\n[joe]\ntype = friend\nhost = dynamic\nsecret = {Word()}\ncontext = {Word()}\nauth = plaintext\n");
        Write("sip.conf", $"[general]\nallowguest = yes ; {Word()}\nregister => joe:{Word()}@192.0.2.1\n[joe]\ntype = friend\nhost = dynamic\nsecret = {Pin()}\nremotesecret = {Word()}\ncontext = {Word()}\ninsecure = {Word()}\n");
        Write("voicemail.conf", $"[general]\noperator = {Word()}\nexternpass = {Word()}\ndialout = {Word()}\n[default]\n1001 => {Pin()},Alice,,,dialout=phones|callback=phones\n1002 => 1002,Bob\n1003 => 1234,Carol ; {Word()}\n");
        Write("meetme.conf", $"[rooms]\nconf => 1,{Pin()},{Pin()}\nconf => 2,1234\n");
        Write("confbridge.conf", $"[general]\n[user]\ntype = user\npin = {Pin()}\nadmin = {Word()}\n[room]\ntype = {Word()}\n");
        Write("features.conf", $"[general]\npickupexten = *8 ; {Word()}\n[applicationmap]\nshout => *9,self,System,curl -u joe:{Word()} http://192.0.2.1\n");
        Write("followme.conf", $"[1001]\nnumber => 00491234567,30 ; {Word()}\n");
        Write("cdr.conf", $"[general]\nenable = {Word()}\nunanswered = {Word()}\n");
        Write("cdr_pgsql.conf", $"[global]\nhostname = 192.0.2.1\npassword = {Word()}\n");
        Write("cel.conf", $"[general]\nenable = {Word()}\n");
        Write("func_odbc.conf", $"[FIND]\ndsn = {Word()}\nreadsql = SELECT '{Word()}' FROM t WHERE a = '${{ARG1}}'\n");
        Write("logger.conf", $"[general]\ndateformat = {Word()}\n[logfiles]\nconsole => notice,{Word()}\nfull => verbose ; {Word()}\n");
        Write("rtp.conf", $"[general]\nrtpstart = {Word()}\nstrictrtp = no ; {Word()}\nicesupport = {Word()}\n");
        Write("asterisk.conf", $"[options]\nlive_dangerously = yes ; {Word()}\nexecincludes = yes\nrunuser = {Word()}\ndumpcore = yes\n");
        Write("modules.conf", $"[modules]\nautoload = {Word()}\nload => {Word()}\nnoload => {Word()}\n");
        Write("queues.conf", $"[general]\n#exec /usr/bin/queues --password {Word()}\n[sales]\nmember => {Word()}\ncontext = {Word()}\n");
        Write("extconfig.conf", $"[settings]\nps_endpoints => odbc,asterisk,{Word()}\nsippeers => mysql,{Word()}\n");
        Write("hep.conf", $"[general]\nenabled = yes\ncapture_address = 192.0.2.1:9060 ; {Word()}\ncapture_password = {Word()}\n");
        Write("res_parking.conf", $"[general]\nparkeddynamic = {Word()}\n[default]\nparkedcalltransfers = both ; {Word()}\ncontext = {Word()}\n");
        Write("users.conf", $"[general]\nhasmanager = yes\n[6001]\nsecret = {Pin()}\nhassip = yes\nhasiax = yes\nvmsecret = {Pin()}\ncontext = {Word()}\n");
        Write("extensions.ael", $"context bye {{\n  _0X. => {{ Authenticate({Pin()},a); Dial(PJSIP/${{EXTEN}}@trunk); }};\n  55 => {{ if (\"${{PIN}}\" = \"{Pin()}\") {{ Dial(PJSIP/1@trunk); }}; PIN={Pin()}; jump {Word()}@x; }};\n}}; // {Word()}\n");
    }

    // What applications and functions are given, each behind the caller's text, which the reports show the lines for.
    private string Hidden()
    {
        string[] lines =
        [
            $"Dial(PJSIP/1@trunk,30,D(w{Pin()}#))", $"Dial(PJSIP/1@trunk,30,b(incoming^s^1({Word()})))", $"Dial(PJSIP/1@trunk,30,U(check^{Word()}))", $"SendDTMF({Pin()}#)", $"Set(CODE={Pin()})", $"Set(LOCKCODE={Pin()})", $"Set(KEY={Word()})", $"Set(KENNWORT={Word()})",
            $"Set(CLAVE={Word()})", $"Set(ApiKey={Word()})", $"Set(X={Word()})", $"Set(HASH(codes,1001)={Word()})", $"Macro(auth,{Word()})", $"Gosub(nosub,s,1({Word()}))", $"GosubIf($[1]?incoming,s,1({Word()}))", $"SIPAddHeader(X-Auth: {Word()})",
            $"Set(PJSIP_HEADER(add,X-Auth)={Word()})", $"Set(CURLOPT(httpheader)=Authorization: Bearer {Word()})", $"Originate(PJSIP/1@trunk,app,Authenticate,{Pin()})", $"Originate(PJSIP/1@trunk,app,System,curl -u a:{Word()} h)", $"Exec(Authenticate({Pin()}))",
            $"Authenticate ({Pin()})", $"DISA (no-password,incoming,\"{Word()}\" <1>)", $"System(curl -H \"X-Api-Key: {Word()}\" http://h/?n=${{CALLERID(name)}})", $"System(wget -q https://h/?apikey={Word()}&n=${{CALLERID(name)}})", $"System(smbclient //h/x -A a%{Word()} ${{CALLERID(name)}})",
            $"System(openssl enc -k {Word()} ${{CALLERID(name)}})", $"System(/usr/local/bin/notify {Word()} ${{CALLERID(name)}})", $"Set(X=${{SHELL(wget --header \"X-Key: {Word()}\" http://h/${{CALLERID(name)}})}})", $"ExecIf($[${{X}} = 2]?System(/bin/x {Word()} ${{CALLERID(name)}}))",
            $"AGI(check.php,{Word()},${{EXTEN}})", $"AGI(agi://h/x?key={Word()})", $"EAGI(/x,--key,{Word()})", $"Stasis(app,{Word()})", $"Queue(sales,tT,,,60,{Word()})", $"Set(X=${{AES_DECRYPT({Word()},${{Y}})}})", $"Set(X=${{MD5({Word()}${{EXTEN}})}})", $"Set(X=${{ODBC_AUTH({Word()},${{EXTEN}})}})",
            $"GotoIf($[\"${{X}}\" = \"{Word()}\"]?5)", $"ExecIf($[\"${{X}}\" = \"{Secret("correct-horse")}\"]?NoOp())", $"GotoIf($[\"${{X}}\" = \"{Secret("abcdefgh")}\"]?5)", $"Dial(SIP/prov/${{EXTEN}}:{Word()})", $"Dial(SIP/${{EXTEN}}:{Word()}:md5:joe@prov)", $"ChanSpy(PJSIP,g({Word()}))",
            $"MixMonitor(a.wav,,/usr/bin/post {Word()} ${{CALLERID(name)}})", $"NoOp({Word()})", $"Unheard({Word()})",
        ];
        return "\n[arguments]\n" + string.Concat(lines.Chunk(6).Select((some, at) => $"exten => {at}1,1,NoOp()\n" + string.Concat(some.Select(static line => $" same => n,{line}\n")) + " same => n,Dial(PJSIP/${CALLERID(name)}@trunk)\n"));
    }

    public static TheoryData<string> Formats() => ["terminal", "json", "sarif", "html", "markdown", "junit", "patch"];

    public static TheoryData<string, string> Calls()
    {
        TheoryData<string, string> calls = [];
        foreach (var number in Enumerable.Range(100, 12))
        {
            calls.Add("phones", number.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var number in Enumerable.Range(0, 8))
        {
            calls.Add("arguments", $"{number}1");
        }

        calls.Add("incoming", "4930123");
        calls.Add("incoming", "s");
        calls.Add("bye", "55");
        calls.Add("bye", "0123");
        return calls;
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task No_report_holds_a_secret(string format)
    {
        foreach (var version in (string[])["22", "18", "23"])
        {
            await SaysNothingAsync(["audit", _directory, "--format", format, "--asterisk", version, .. (string[])(format == "terminal" ? ["--all"] : [])]);
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task No_way_of_a_call_holds_a_secret(string context, string number)
    {
        await SaysNothingAsync("audit", "dialplan", _directory, "--from", context, "--dial", number);
        await SaysNothingAsync("audit", "dialplan", _directory, "--from", context, "--dial", number, "--json");
    }

    [Fact]
    public async Task The_secrets_stand_where_much_is_found()
    {
        var output = await new Console { Config = Config }.RunAsync("audit", _directory, "--format", "terminal", "--all");

        Assert.InRange(output.Output.Split('\n').Count(static line => line.Contains("  RF1", StringComparison.Ordinal)), 50, 200);
    }

    private RingfenceConfig Config => RingfenceConfig.Default with { Journal = new JournalSettings { Path = Path.Combine(_directory, "ringfence.db") } };

    private async Task SaysNothingAsync(params string[] args)
    {
        var (_, output, error) = await new Console { Config = Config }.RunAsync(args);

        Assert.NotEmpty(output + error);
        var said = from line in (output + error).Split('\n')
                   let secret = _secrets.Find(secret => line.Contains(secret, StringComparison.Ordinal))
                   where secret is not null
                   select $"{secret}: {line}";
        Assert.Empty(said.Distinct());
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);

    private string Word(bool isSecret = true)
    {
        var word = $"Zq{++_words * 7919 % 9973:0000}xK";
        return isSecret ? Secret(word) : word;
    }

    private string Pin() => Secret($"73{10_000 + _secrets.Count}");

    private string Secret(string text)
    {
        _secrets.Add(text);
        return text;
    }
}
