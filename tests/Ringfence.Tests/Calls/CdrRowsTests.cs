using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Calls;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CdrRowsTests
{
    private static readonly CdrColumns Columns = CdrColumns.Of(["calldate", "src", "dst", "channel", "dstchannel", "lastapp", "lastdata", "duration", "billsec", "disposition", "accountcode", "uniqueid"])!;

    [Fact]
    public void A_row_is_one_record_whatever_its_texts_hold() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static text =>
        {
            var rows = new CdrRows(TimeZoneInfo.Utc, Columns);
            var calls = new List<CallRecord>();
            rows.Add(["2026-11-21 00:07:32", text.Get, "0023276123456", "PJSIP/201-0000001a", "PJSIP/trunk-0000001b", "Dial", "PJSIP/0023276123456@trunk,300", "65", "60", "ANSWERED", null, "1"], calls.Add);
            return calls is [{ Sent: "0023276123456", Billed: 60, AccountCode: "", Id: "1" } call] && call.Caller == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_was_pooled_is_what_was_read() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>().Generator.ListOf().ToArbitrary(), static texts =>
        {
            var pool = new StringPool();
            return texts.Concat(texts).All(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get)) is var clean && pool.Get(Encoding.UTF8.GetBytes(text.Get)) == clean && pool.Get(clean.AsSpan()) == clean);
        }).QuickCheckThrowOnFailure();
}
