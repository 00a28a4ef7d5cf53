using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Ringfence.Tests;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The service is not root: which rights on the control socket a question for the registered phones takes.</summary>
public sealed partial class ControlSocketTests : IClassFixture<AsteriskLab>, IDisposable
{
    private const uint Nobody = 65534;
    private const int Group = 61234;

    private const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode Default = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly AsteriskLab _lab;
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-control-").FullName;

    public ControlSocketTests(AsteriskLab lab)
    {
        lab.Require();
        _lab = lab;
        File.SetUnixFileMode(_directory, Default);
    }

    private string Control => Path.Combine(_lab.Directory, "run", "asterisk.ctl");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        File.SetUnixFileMode(Control, Default);
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_user_in_the_group_may_ask_for_phones_once_the_group_may_write_the_socket_and_nobody_else_may()
    {
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(29), SipTransport.Udp);
        Assert.Equal(200, (await phone.RegisterAsync("1005", AsteriskLab.PasswordOf("1005"), Stop))?.Status);
        await ToolRun.OfAsync(["chgrp", $"{Group}", Control], TimeSpan.FromSeconds(30), Stop);

        File.SetUnixFileMode(Control, Default);
        var memberOfClosed = await AskAsync($"{Group}");
        File.SetUnixFileMode(Control, Shared);
        var stranger = await AskAsync("65534");
        var member = await AskAsync($"{Group}");

        Assert.NotNull(memberOfClosed.Problem);
        Assert.NotNull(stranger.Problem);
        Assert.Null(member.Problem);
        Assert.Contains(member.Contacts, contact => contact.Endpoint == "1005");
    }

    [Fact]
    public void A_socket_that_is_closed_to_us_is_told_from_one_that_is_not_there_and_the_cure_is_named()
    {
        var path = Path.Combine(_directory, "asterisk.ctl");
        using var asterisk = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        asterisk.Bind(new UnixDomainSocketEndPoint(path));
        asterisk.Listen();

        File.SetUnixFileMode(path, Default);
        var closed = AsNobody(() => AsteriskCli.Refuses(path));
        File.SetUnixFileMode(path, Default | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);

        Assert.Contains(ControlSocket.Cure, closed, StringComparison.Ordinal);
        Assert.Null(AsNobody(() => AsteriskCli.Refuses(path)));
        Assert.Null(AsNobody(() => AsteriskCli.Refuses(path + ".gone")));
    }

    private async Task<ContactReading> AskAsync(string groups)
    {
        // The laboratory's console, as the service's user.
        var console = Path.Combine(_directory, "asterisk");
        var script = await File.ReadAllTextAsync(Path.Combine(_lab.Directory, "bin", "asterisk"), Stop);
        Script.Write(console, script.Replace(" chroot ", $" chroot --userspec={Nobody}:{Nobody} --groups={groups} ", StringComparison.Ordinal));
        return await new RegisteredContacts(new AsteriskCli(console, Path.Combine(_lab.Directory, "etc"), TimeProvider.System)).ReadAsync(Stop);
    }

    // setfsuid(2) holds for one thread, and takes root's rights to files with it (capabilities(7)).
    private static string? AsNobody(Func<string?> ask)
    {
        string? answer = null;
        var thread = new Thread(() =>
        {
            _ = SetFileSystemUser(Nobody);
            answer = ask();
        });
        thread.Start();
        thread.Join();
        return answer;
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(uint user);
}
