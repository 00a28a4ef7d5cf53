using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;
using Ringfence.Notifiers;
using Ringfence.Sources;
using Ringfence.Tests.Notices;
using Xunit;

namespace Ringfence.Tests.Notifiers;

[Collection(nameof(Alone))]
public sealed class CommandDescriptorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_leaves_no_descriptor_behind()
    {
        var message = NoticeMessage.Of("pbx1", NoticeTextTests.NoticeOf(NoticeTextTests.BanOf(text: NoticeTextTests.Injected)));
        var command = new CommandNotifier(new NotifierSettings { Name = "x", Command = ["/bin/true"] }, TimeProvider.System);
        await command.SendAsync(message, Stop);
        var before = Directory.GetFiles("/proc/self/fd").Length;

        for (var run = 0; run < 20; run++)
        {
            await command.SendAsync(message, Stop);
            await ShortCommand.RunAsync("/bin/true", [], TimeProvider.System, Stop);
        }

        // 40 runs would leave 80; what tests before it left is collected meanwhile.
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 40);
    }
}
